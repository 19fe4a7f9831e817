import { extname } from 'node:path';

/**
 * What files of weights end with: of safetensors, llama.cpp, ONNX, PyTorch, Keras, TensorFlow Lite, Flax, Core ML and
 * Rust (https://huggingface.co/docs/hub/models-libraries).
 */
const WEIGHTS = new Set([
  '.safetensors',
  '.gguf',
  '.ggml',
  '.onnx',
  '.bin',
  '.pt',
  '.pth',
  '.ckpt',
  '.h5',
  '.keras',
  '.tflite',
  '.msgpack',
  '.mlmodel',
  '.ot',
]);

export function isWeightsFile(name: string): boolean {
  return WEIGHTS.has(extname(name).toLowerCase());
}

/** Whether a file of that name can make its folder a model: weights, or what has to be read to know. */
export function isEvidence(name: string): boolean {
  return isConfigFile(name) || isCardFile(name) || isWeightsFile(name);
}

export function isConfigFile(name: string): boolean {
  return name === 'config.json';
}

export function isCardFile(name: string): boolean {
  return /^readme\.md$/i.test(name);
}
