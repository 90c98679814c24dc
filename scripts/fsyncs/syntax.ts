import { parseAst } from "rolldown/parseAst";

/** A node of a syntax tree, as far as looking for calls needs it. Offsets are into the text. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly fields: ReadonlyMap<string, unknown>;
}

export function parseTypeScript(text: string, file: string): SyntaxNode {
  const program = nodeOf(parseAst(text, { lang: "ts" }, file));
  if (program === undefined) {
    throw new RangeError(`${file} has no syntax tree`);
  }
  return program;
}

export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const value of node.fields.values()) {
    for (const element of Array.isArray(value) ? value : [value]) {
      const child = nodeOf(element);
      if (child !== undefined) {
        children.push(child);
      }
    }
  }
  return children;
}

export function childOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return nodeOf(node.fields.get(field));
}

/** The name of an identifier, also of a private one. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  const name = node?.fields.get("name");
  return typeof name === "string" ? name : undefined;
}

function nodeOf(value: unknown): SyntaxNode | undefined {
  if (typeof value !== "object" || value === null || !("type" in value)) {
    return undefined;
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const [type, start, end] = ["type", "start", "end"].map((name) => fields.get(name));
  return typeof type === "string" && typeof start === "number" && typeof end === "number"
    ? { type, start, end, fields }
    : undefined;
}
