/** The kernels in C, of the repository at `root`. */
export declare function translateKernels(root: URL): string;
