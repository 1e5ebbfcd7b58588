// Runs the verifier beside the page, once. It reads the files that were chosen, and nothing else.
'use strict';

const reader = new FileReaderSync();
const bytes = (file) => new Uint8Array(reader.readAsArrayBuffer(file));

onmessage = ({ data: { wasm, bundle, policy, kept } }) => {
  try {
    wasm_bindgen.initSync({ module: new WebAssembly.Module(wasm) });
    const read = (from, to) => bytes(bundle.slice(from, to));
    const tell = (read, of) => postMessage({ read, of });
    postMessage({ outcome: wasm_bindgen.verify(bundle.size, bytes(policy), kept.map(bytes), read, tell) });
  } catch (error) {
    postMessage({ error: error.message });
  }
};
