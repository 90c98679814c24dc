/** Why node_modules is not what package-lock.json says, undefined when it is. */
export function whyInstall(root: string): string | undefined;
