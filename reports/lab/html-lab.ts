import type { LabReport } from "./lab-report.ts";

export function htmlLab(report: LabReport): string {
  return `<!doctype html>${report.schema}`;
}
