import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const root = new protobuf.Root().loadSync(fileURLToPath(new URL("onnx.proto", import.meta.url)), { keepCase: true });
const ModelProto = root.lookupType("onnx.ModelProto");

/** ONNX's numbers of element types. */
const TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6 };
const OPSET = 17;
const IR_VERSION = 8;

/** Collects nodes and constants, and writes them as an ONNX model with one input and one output of float32. */
export function graphWriter() {
  const nodes = [];
  const constants = [];
  let count = 0;
  return {
    /** A constant tensor; returns its name. `data` is a typed array. */
    constant(type, dims, data) {
      const name = `c${count++}`;
      const raw_data = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      constants.push({ name, dims, data_type: TYPES[type], raw_data });
      return name;
    },
    /** A node; returns the names of its outputs. `attributes` are whole numbers or lists of them. */
    node(op_type, input, attributes = {}, outputs = 1) {
      const output = Array.from({ length: outputs }, () => `t${count++}`);
      const attribute = Object.entries(attributes).map(([name, value]) =>
        Array.isArray(value) ? { name, ints: value, type: 7 } : { name, i: value, type: 2 },
      );
      nodes.push({ op_type, name: `${op_type}${count++}`, input, output, attribute });
      return outputs === 1 ? output[0] : output;
    },
    /** The file. The input is called `input`; the tensor `result` becomes `output`. */
    finish(inputDims, result, outputDims) {
      const graph = {
        name: "dense",
        node: nodes,
        initializer: constants,
        input: [valueInfo("input", inputDims)],
        output: [valueInfo("output", outputDims)],
      };
      const last = nodes.findLast(({ output }) => output.includes(result));
      last.output = last.output.map((name) => (name === result ? "output" : name));
      const model = {
        ir_version: IR_VERSION,
        producer_name: "circulant-bench",
        graph,
        opset_import: [{ domain: "", version: OPSET }],
      };
      return ModelProto.encode(ModelProto.fromObject(model)).finish();
    },
  };
}

function valueInfo(name, dims) {
  const dim = dims.map((dim_value) => ({ dim_value }));
  return { name, type: { tensor_type: { elem_type: TYPES.float32, shape: { dim } } } };
}
