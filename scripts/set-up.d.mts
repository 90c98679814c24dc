/** Why node_modules is not what package-lock.json says, undefined when it is. */
export function whyInstall(root: string): string | undefined;

/** Why this Node.js is too old for package.json, undefined when it is not. */
export function whyNotThisNode(root: string, version: string): string | undefined;
