// Reads and rewrites the code of a WebAssembly binary, instruction by instruction, and leaves all else as it is.

const SECTION = { export: 7, code: 10 };

/** A number as LEB128, signed; one of 0 .. 63 is the same unsigned. */
export function signedLeb(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && byte < 64) || (rest === -1n && byte >= 64)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

/** A number from 0 up as LEB128. */
export function leb(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

/** Reads a number from 0 up, and says where the next byte is. */
export function readLeb(bytes, at) {
  let value = 0;
  let end = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[end++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, end };
  }
}

/** The binary with other contents in some sections; `change` takes a section's number and bytes. */
export function rewriteSections(wasm, change) {
  const parts = [Uint8Array.from(wasm.subarray(0, 8))];
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at];
    const { value: size, end: start } = readLeb(wasm, at + 1);
    const content = change(id, wasm.subarray(start, start + size));
    parts.push(Uint8Array.from([id, ...leb(content.length)]), content);
    at = start + size;
  }
  return Uint8Array.from(Buffer.concat(parts));
}

/** A vector with more items at its end, whose encodings are `items`. */
export function withItems(content, items) {
  const { value: count, end } = readLeb(content, 0);
  return Uint8Array.from([...leb(count + items.length), ...content.subarray(end), ...items.flat()]);
}

/** Items of a section that is a vector. */
export function countItems(wasm, section) {
  let count = 0;
  rewriteSections(wasm, (id, content) => {
    if (id === section) count = readLeb(content, 0).value;
    return content;
  });
  return count;
}

/** The binary with other instructions; `change` takes a function's instructions, locals not among them, and its place. */
export function rewriteFunctions(wasm, change) {
  return rewriteSections(wasm, (id, content) => {
    if (id !== SECTION.code) return content;
    const { value: count, end } = readLeb(content, 0);
    const bodies = [];
    for (let i = 0, at = end; i < count; i++) {
      const { value: size, end: start } = readLeb(content, at);
      const body = content.subarray(start, start + size);
      const locals = localsEnd(body);
      const code = change(body.subarray(locals), i);
      bodies.push(Uint8Array.from([...leb(locals + code.length), ...body.subarray(0, locals)]), code);
      at = start + size;
    }
    return Uint8Array.from(Buffer.concat([Uint8Array.from(leb(count)), ...bodies]));
  });
}

/** The place of an exported function among those of the code section; the binary has no imports. */
export function placeOf(wasm, name) {
  const text = new TextDecoder();
  let place = -1;
  rewriteSections(wasm, (id, content) => {
    if (id !== SECTION.export) return content;
    let { value: count, end: at } = readLeb(content, 0);
    for (; count > 0; count--) {
      const { value: length, end: start } = readLeb(content, at);
      const { value: index, end } = readLeb(content, start + length + 1);
      if (text.decode(content.subarray(start, start + length)) === name && content[start + length] === 0) place = index;
      at = end;
    }
    return content;
  });
  if (place < 0) throw new Error(`wasm: expected an exported function ${name}, got none`);
  return place;
}

function localsEnd(body) {
  let { value: groups, end } = readLeb(body, 0);
  for (; groups > 0; groups--) end = readLeb(body, end).end + 1;
  return end;
}

/**
 * Goes through instructions. `visit` takes the opcode, the opcode after the prefix 0xfc or 0xfd, and the places of its
 * first byte and of the next instruction's.
 *
 * @throws Error at an opcode that is not known
 */
export function forEachInstruction(code, visit) {
  for (let at = 0; at < code.length; ) {
    const opcode = code[at];
    const prefixed = opcode === 0xfc || opcode === 0xfd;
    const { value: sub, end } = prefixed ? readLeb(code, at + 1) : { value: 0, end: at + 1 };
    const next = operandsEnd(code, opcode, sub, end);
    visit(opcode, sub, at, next);
    at = next;
  }
}

function operandsEnd(code, opcode, sub, at) {
  const lebs = (count) => {
    let end = at;
    for (let i = 0; i < count; i++) end = readLeb(code, end).end;
    return end;
  };
  const within = (value, from, to) => value >= from && value <= to;
  if (opcode === 0xfd) {
    if (sub <= 11 || sub === 92 || sub === 93) return lebs(2);
    if (sub === 12 || sub === 13) return at + 16;
    if (within(sub, 21, 34)) return at + 1;
    return within(sub, 84, 91) ? lebs(2) + 1 : at;
  }
  if (opcode === 0xfc) {
    if (sub <= 7) return at;
    if (sub === 10) return lebs(2);
    if (sub === 11) return lebs(1);
  }
  if (within(opcode, 0x28, 0x3e) || opcode === 0x11) return lebs(2);
  if (within(opcode, 0x02, 0x04) || within(opcode, 0x0c, 0x0d) || opcode === 0x10) return lebs(1);
  if (within(opcode, 0x20, 0x24) || within(opcode, 0x3f, 0x42)) return lebs(1);
  if (opcode === 0x0e) return lebs(readLeb(code, at).value + 2);
  if (opcode === 0x43) return at + 4;
  if (opcode === 0x44) return at + 8;
  const bare = [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b];
  if (bare.includes(opcode) || within(opcode, 0x45, 0xc4)) return at;
  throw new Error(`wasm: expected an instruction of the kernels, got opcode ${opcode} ${sub}`);
}
