import { type Command, Option } from "commander";
import { ORDERS, POLICY_NAMES, PROFILE_NAMES, WEATHERS } from "../../sim/index.ts";
import type { Selection } from "../campaign/cell.ts";

/** What a seed leaves open: each of these options fixes one draw, and another scenario follows. */
const OPTIONS = [
  { name: "profile", what: "this disk profile", choices: PROFILE_NAMES },
  { name: "policy", what: "this sync policy", choices: POLICY_NAMES },
  { name: "weather", what: "this weather: which crashes and faults may strike", choices: WEATHERS },
  { name: "order", what: "this order of steps: by time, or by priorities (PCT)", choices: ORDERS },
] as const;

/** For commands that take a seed. `before` is put before what each option says. */
export function addSelection(command: Command, before: string): Command {
  for (const { name, what, choices } of OPTIONS) {
    command.addOption(new Option(`--${name} <name>`, `${before} ${what}`).choices(choices));
  }
  return command;
}

/** The options that were given, as a command line has them. */
export function selectionText(selection: Selection): string {
  return OPTIONS.map(({ name }) => selection[name])
    .map((value, index) => (value === undefined ? "" : ` --${OPTIONS[index]?.name} ${value}`))
    .join("");
}

/** Whether anything was fixed. */
export function isFixed(selection: Selection): boolean {
  return OPTIONS.some(({ name }) => selection[name] !== undefined);
}
