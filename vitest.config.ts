import { defineConfig } from "vitest/config";

const unit = ["engine", "sim", "reports", "scripts"].map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      { test: { name: "unit", include: unit } },
      {
        test: {
          name: "properties",
          include: ["properties/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
