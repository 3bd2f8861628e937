export type Numbers = Readonly<Record<string, number>>;
export type Entry = Readonly<Record<string, number | string>> & { readonly why: string };
export type Record = Readonly<{ [name: string]: Entry }>;
export type Measured = Readonly<{ [name: string]: Numbers }>;
export declare const REMEDY: string;
export declare function findRises(record: Record, measured: Measured): string[];
export declare function findLost(record: Record, measured: Measured): string[];
export declare function updateRecord(record: Record, measured: Measured, why?: string): Record;
export declare function formatRecord(record: Record): string;
