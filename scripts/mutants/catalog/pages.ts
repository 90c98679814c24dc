import type { Mutant } from "../mutant.ts";
import { CHECKPOINT_MUTANTS } from "./pages/checkpoints.ts";
import { PAGE_FILE_MUTANTS } from "./pages/page-files.ts";
import { REDO_UNDO_MUTANTS } from "./pages/redo-undo.ts";
import { STRUCTURE_MUTANTS } from "./pages/structure.ts";

/** Bugs of pages, checkpoints and their recovery. */
export const PAGE_MUTANTS: readonly Mutant[] = [
  ...CHECKPOINT_MUTANTS,
  ...PAGE_FILE_MUTANTS,
  ...REDO_UNDO_MUTANTS,
  ...STRUCTURE_MUTANTS,
];
