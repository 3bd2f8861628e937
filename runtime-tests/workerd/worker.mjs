import { answer } from "../shared/handler.mjs";

export default { fetch: answer };
