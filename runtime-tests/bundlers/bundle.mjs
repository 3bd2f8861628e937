export * from "circulant";
