// The generator alone: the package's main file seeds itself from the machine's entropy when loaded.
declare module "seedrandom/lib/tychei.js" {
  function tychei(seed: string): { int32(this: void): number };
  export = tychei;
}
