export type Native = { readonly program: string; readonly folder: string; readonly compiler: string };
export declare function buildNative(
  module: WebAssembly.Module,
  options?: { readonly flags?: readonly string[]; readonly kernels?: string },
): (Native & { readonly reason?: undefined }) | { readonly reason: string };
export interface Child {
  ask(line: string): Promise<string>;
  end(): void;
}
