import type { Survival } from "./crash-image.ts";
import { type DataOperation, SIZE_UNCHANGED } from "./data-operation.ts";
import { type FileSurvival, unitsOf } from "./file-survival.ts";
import type { NameOperation } from "./name-operation.ts";
import { partsOf } from "./name-operation.ts";
import type { DiskProfile } from "./profiles.ts";

/** What a crash left of each thing that was not synced, one line each, in words. */
export function describeSurvival(
  profile: DiskProfile,
  survival: Survival,
  names: readonly NameOperation[],
): readonly string[] {
  const lines = names.map((operation, index) =>
    describeName(operation, survival.names[index] ?? 0),
  );
  for (const file of survival.files) {
    lines.push(...describeFile(profile, file));
  }
  for (const { file, from, to, fill } of [...survival.exposed, ...survival.damaged]) {
    lines.push(`${file.path} ${from}..${to}: shows ${fill} that nobody wrote`);
  }
  return lines;
}

function describeName({ kind, name, oldName, ...operation }: NameOperation, parts: number): string {
  const what = oldName === undefined ? `${kind} ${name}` : `${kind} ${oldName} to ${name}`;
  const all = partsOf({ kind, name, ...operation });
  return `${what}: ${parts === all ? "survived" : parts === 0 ? "lost" : "survived in part"}`;
}

function describeFile(profile: DiskProfile, survival: FileSurvival): readonly string[] {
  const { file, bytes } = survival;
  const lines: string[] = [];
  let grew = false;
  for (const [index, operation] of file.pending.entries()) {
    grew ||= operation.sizeAfter !== SIZE_UNCHANGED;
    const pieces = describePieces(profile, survival, operation, index);
    if (pieces !== undefined) {
      lines.push(`${file.path} ${operation.from}..${operation.to}: ${pieces}`);
    }
  }
  if (grew) {
    lines.push(`${file.path} is ${bytes} bytes long`);
  }
  return lines;
}

/** Sector by sector: `+` for one that survived, `-` for one that was lost. Undefined for none. */
function describePieces(
  profile: DiskProfile,
  { lastKept }: FileSurvival,
  operation: DataOperation,
  index: number,
): string | undefined {
  const count = unitsOf(operation, profile);
  const first = Math.floor(operation.from / profile.tearBytes);
  const pieces = Array.from({ length: count }, (_, unit) =>
    (lastKept[first + unit] ?? -1) >= index ? "+" : "-",
  ).join("");
  if (pieces === "") {
    return undefined;
  }
  if (!pieces.includes("-")) {
    return "survived";
  }
  const unit = profile.tearBytes;
  return pieces.includes("+")
    ? `torn into pieces of ${unit} bytes: ${pieces.slice(0, 64)}`
    : "lost";
}
