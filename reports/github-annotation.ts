/** An annotation as GitHub Actions reads it from a log. `file` is the place it is shown at. */
export function githubAnnotation(
  level: "error" | "warning" | "notice",
  title: string,
  lines: readonly string[],
  file?: string,
): string {
  const place = file === undefined ? "" : `file=${property(file)},`;
  return `::${level} ${place}title=${property(title)}::${escaped(lines.join("\n"))}`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
