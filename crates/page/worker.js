// Runs the verifier beside the page. It reads the files that were chosen, and nothing else.
'use strict';

const reader = new FileReaderSync();
const bytes = (file) => new Uint8Array(reader.readAsArrayBuffer(file));
let module;

onmessage = ({ data }) => {
  if (data.wasm) {
    module = new WebAssembly.Module(data.wasm);
    return;
  }
  try {
    // Each verification begins anew: what a hostile bundle did to the memory of the one before is gone.
    wasm_bindgen.initSync({ module });
    const read = (from, to) => bytes(data.bundle.slice(from, to));
    const tell = (read, of) => postMessage({ read, of });
    postMessage({ outcome: wasm_bindgen.verify(data.bundle.size, bytes(data.policy), data.kept.map(bytes), read, tell) });
  } catch (error) {
    postMessage({ error: error.message });
  }
};
