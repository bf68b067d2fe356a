// What VitePress's bundler adds to modules.
interface ImportMeta {
  glob<T>(
    pattern: string,
    options: { readonly query: string; readonly import: string },
  ): Record<string, () => Promise<T>>;
}
declare module "*.css";
