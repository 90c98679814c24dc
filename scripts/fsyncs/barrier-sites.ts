import type { Mutant } from "../mutants/mutant.ts";
import { PROPERTY_NAMES } from "../../sim/index.ts";
import type { EngineSource } from "./engine-sources.ts";
import { childOf, childrenOf, nameOf, parseTypeScript, type SyntaxNode } from "./syntax.ts";

/** A place where the engine waits for durability, or changes names that durability depends on. */
export interface BarrierSite {
  readonly file: string;
  readonly line: number;
  /** The function around it. */
  readonly within: string;
  /** The call, as it is written. */
  readonly call: string;
  /** Which of several such calls in that function, from 1. */
  readonly nth: number;
  /** What is done to it. */
  readonly change: string;
  /** The engine without it. */
  readonly mutant: Mutant;
}

const BARRIERS: ReadonlySet<string> = new Set(["sync", "datasync", "syncDirectory"]);
const NAME_CHANGES: ReadonlySet<string> = new Set(["rename", "unlink"]);

/** Every barrier, removed; and every change of names, moved to the other side of the barriers beside it. */
export function barrierSites(source: EngineSource): readonly BarrierSite[] {
  const finder = new SiteFinder(source);
  finder.visit(parseTypeScript(source.text, source.file), "the module");
  return finder.sites;
}

class SiteFinder {
  readonly sites: BarrierSite[] = [];
  private readonly source: EngineSource;

  constructor(source: EngineSource) {
    this.source = source;
  }

  visit(node: SyntaxNode, within: string): void {
    const inside = functionName(node) ?? within;
    if (calledName(node, BARRIERS) !== undefined && !isOfItself(node)) {
      this.add(node, inside, "removed", {
        start: node.start,
        end: node.end,
        replacement: "Promise.resolve()",
      });
    }
    const children = childrenOf(node);
    if (node.type === "BlockStatement") {
      this.visitBlock(children, inside);
    }
    children.forEach((child) => this.visit(child, inside));
  }

  /** Names that change between two barriers of one block. */
  private visitBlock(statements: readonly SyntaxNode[], within: string): void {
    for (const [index, statement] of statements.entries()) {
      const call = callIn(statement, NAME_CHANGES);
      if (call !== undefined) {
        const isBarrier = (other: SyntaxNode): boolean => callIn(other, BARRIERS) !== undefined;
        const before = statements.slice(0, index).findLast(isBarrier);
        const after = statements.slice(index + 1).find(isBarrier);
        if (before !== undefined) {
          const moved = this.text(statement) + this.between(before.start, statement.start);
          const range = { start: before.start, end: statement.end };
          this.add(call, within, "before the sync ahead of it", { ...range, replacement: moved });
        }
        if (after !== undefined) {
          const moved = this.between(statement.end, after.end) + this.text(statement);
          const range = { start: statement.start, end: after.end };
          this.add(call, within, "behind the sync after it", { ...range, replacement: moved });
        }
      }
    }
  }

  private add(
    node: SyntaxNode,
    within: string,
    change: string,
    edit: { readonly start: number; readonly end: number; readonly replacement: string },
  ): void {
    const { file, text } = this.source;
    const line = text.slice(0, node.start).split("\n").length;
    const call = this.text(node).replaceAll(/\s+/g, " ");
    const { start, end } = uniqueAround(text, edit.start, edit.end);
    const anchor = text.slice(start, end);
    const replacement =
      text.slice(start, edit.start) + edit.replacement + text.slice(edit.end, end);
    const name = `${file}:${line} ${call} ${change}`;
    const edits = [{ file, anchor, replacement }];
    const mutant = { name, about: `${call} ${change}`, edits, expects: PROPERTY_NAMES };
    const isAlike = (site: BarrierSite): boolean =>
      site.within === within && site.call === call && site.change === change;
    const nth = this.sites.filter(isAlike).length + 1;
    this.sites.push({ file, line, within, call, nth, change, mutant });
  }

  private text({ start, end }: SyntaxNode): string {
    return this.between(start, end);
  }

  private between(start: number, end: number): string {
    return this.source.text.slice(start, end);
  }
}

/** The smallest stretch around a range, by whole lines, that occurs once. */
function uniqueAround(text: string, start: number, end: number): { start: number; end: number } {
  let from = start;
  while (from > 0 && text.split(text.slice(from, end)).length !== 2) {
    from = text.lastIndexOf("\n", from - 2) + 1;
  }
  return { start: from, end };
}

/** The name under which a function is known to its readers; undefined for other nodes. */
function functionName(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case "FunctionDeclaration":
      return nameOf(childOf(node, "id"));
    case "MethodDefinition":
    case "PropertyDefinition":
      return nameOf(childOf(node, "key"));
    default:
      return undefined;
  }
}

function calledName(node: SyntaxNode, names: ReadonlySet<string>): string | undefined {
  const callee = node.type === "CallExpression" ? childOf(node, "callee") : undefined;
  const name = callee === undefined ? undefined : nameOf(childOf(callee, "property"));
  return name !== undefined && names.has(name) ? name : undefined;
}

/**
 * A call of the object's own method: the barrier is inside that one, and found there. Left out here, a loop
 * that waits for what it brings about would never end.
 */
function isOfItself(call: SyntaxNode): boolean {
  const callee = childOf(call, "callee");
  return callee !== undefined && childOf(callee, "object")?.type === "ThisExpression";
}

/** A call in a statement, not in a block or function inside it. */
function callIn(node: SyntaxNode, names: ReadonlySet<string>): SyntaxNode | undefined {
  if (node.type === "BlockStatement" || node.type === "ArrowFunctionExpression") {
    return undefined;
  }
  if (calledName(node, names) !== undefined) {
    return node;
  }
  for (const child of childrenOf(node)) {
    const found = callIn(child, names);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
