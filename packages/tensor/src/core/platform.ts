/**
 * An object of the platform in public types, by the name of its class: what the program's libraries know it as, and `Otherwise` where
 * they do not (`GPUDevice` before TypeScript 6, `URL` without `dom`), so that declarations compile there too.
 */
export type Platform<Name extends string, Otherwise = object> = typeof globalThis extends {
  readonly [K in Name]: { prototype: infer T extends object };
}
  ? T
  : Otherwise;
