import { extname } from 'node:path';

/**
 * What files of weights end with, and what people call their formats: of safetensors, llama.cpp, ONNX, PyTorch, Keras,
 * TensorFlow Lite, Flax, Core ML and Rust (https://huggingface.co/docs/hub/models-libraries).
 */
const WEIGHTS = new Map([
  ['.safetensors', 'safetensors'],
  ['.gguf', 'GGUF'],
  ['.ggml', 'GGML'],
  ['.onnx', 'ONNX'],
  ['.bin', 'PyTorch'],
  ['.pt', 'PyTorch'],
  ['.pth', 'PyTorch'],
  ['.ckpt', 'PyTorch'],
  ['.h5', 'HDF5'],
  ['.keras', 'Keras'],
  ['.tflite', 'TFLite'],
  ['.msgpack', 'Flax'],
  ['.mlmodel', 'Core ML'],
  ['.ot', 'Rust'],
]);

export function isWeightsFile(name: string): boolean {
  return weightsFormatOf(name) !== undefined;
}

/** What people call the format of a file of weights of that name or path; undefined for other files. Nothing is read. */
export function weightsFormatOf(name: string): string | undefined {
  return WEIGHTS.get(extname(name).toLowerCase());
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
