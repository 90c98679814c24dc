import { defineConfig, type ViteUserConfig } from "vitest/config";

const unit = ["engine", "sim", "reports", "scripts"].map((folder) => `${folder}/**/*.test.ts`);

const config: ViteUserConfig = defineConfig({
  test: {
    allowOnly: false,
    // By default one core is left idle.
    maxWorkers: "100%",
    projects: [
      // Nothing is measured: a machine that does something else must not fail a test.
      { test: { name: "unit", include: unit, testTimeout: 30_000 } },
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

export default config;
