import { randomBytes } from "node:crypto";
import type { Entropy } from "../entropy.ts";

/** Chance from the system's own generator. */
export function createNodeEntropy(): Entropy {
  return { uint32: () => randomBytes(4).readUInt32LE() };
}
