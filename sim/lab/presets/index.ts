import type { LabPolicy } from "../lab-policy.ts";
import { BUILT_IN } from "./built-in.ts";
import { CONTROLS } from "./controls.ts";
import { KEY_VALUE } from "./key-value.ts";
import { RELATIONAL } from "./relational.ts";

export { BUILT_IN } from "./built-in.ts";
export { CONTROLS } from "./controls.ts";

/** Everything that ships with the lab, in the order in which it is shown. */
export const PRESETS: readonly LabPolicy[] = [
  ...BUILT_IN,
  ...RELATIONAL,
  ...KEY_VALUE,
  ...CONTROLS,
];
