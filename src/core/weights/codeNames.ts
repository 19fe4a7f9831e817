import { posix } from 'node:path';

/** Why loading or opening a file can run code that somebody put into it. */
export type CodeFormat =
  /** Unpickling calls whatever the file names (https://docs.python.org/3/library/pickle.html). */
  | 'pickle'
  /** A program for PyTorch's interpreter (https://github.com/pytorch/pytorch/blob/main/SECURITY.md). */
  | 'torchScript'
  /** Lambda layers hold Python (https://keras.io/api/models/model_saving_apis/model_saving_and_loading/). */
  | 'keras'
  /** A graph may read and write files (https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md). */
  | 'savedModel'
  /** An archive of a pickle and a configuration that names the classes to make. */
  | 'nemo'
  /** TorchServe runs the handler in it (https://github.com/pytorch/serve/blob/master/model-archiver/README.md). */
  | 'torchArchive'
  /** An engine that holds machine code (https://docs.nvidia.com/deeplearning/tensorrt/). */
  | 'tensorRt'
  /** What `trust_remote_code` runs (https://huggingface.co/docs/transformers/custom_models). */
  | 'python'
  /** A configuration whose `auto_map` names Python of this or another model. */
  | 'pythonReference'
  /** YAML with tags of Python's own (https://pyyaml.org/wiki/PyYAMLDocumentation). */
  | 'pythonYaml'
  /** R evaluates promises in its data (https://nvd.nist.gov/vuln/detail/CVE-2024-27322). */
  | 'rData'
  | 'sharedLibrary'
  /** A program, or a script of a shell. */
  | 'program';

/** What wraps other files: the name before it says what they are. */
const WRAPPED = /\.(?:gz|bz2|xz|lzma|zst|lz4|z|zip|7z|tar|tgz)$/;

/** Formats that run code whatever is in a file, by its name in lower case. The first that fits counts. */
const BY_NAME: readonly (readonly [CodeFormat, RegExp])[] = [
  ['torchScript', /(?:torchscript|scripted|traced|\.jit).*\.(?:pt|pth)$|\.(?:ptl|torchscript|jit)$/],
  ['keras', /\.(?:h5|hdf5|hdf|keras)$/],
  ['savedModel', /\.pb$|^saved_model\.pbtxt$|\.ckpt.*\.meta$/],
  ['nemo', /\.nemo$/],
  ['torchArchive', /\.mar$/],
  ['tensorRt', /\.(?:engine|plan|trt)$/],
  ['python', /\.(?:py|pyc|pyo|pyw|pyz|whl|egg)$/],
  ['rData', /\.(?:rds|rdata|rda)$/],
  ['sharedLibrary', /\.(?:so(?:\.[\d.]+)?|dll|dylib|pyd|node)$/],
  ['program', /\.(?:exe|com|scr|msi|bat|cmd|ps1|psm1|vbs|sh|bash|zsh|fish|command)$/],
  ['program', /\.(?:appimage|llamafile|jar|class|desktop|lnk)$/],
];

const PICKLE =
  /\.(?:pkl|pickle|pickled|pck|pt|pth|pt2|pyt|th|ckpt|joblib|dill|cloudpickle|pdparams|pdopt|distcp)$/;
/** Names of pickles, and of much else: only their content clears them. */
const OFTEN_PICKLE = /\.(?:bin|p|sav)$|^\.metadata$/;
/** Names of files that are seldom pickles: only their content accuses them. */
const SELDOM_PICKLE = /\.(?:model|npy)$/;

/** The format that a file of that name has whatever is in it. */
export function formatByName(path: string): CodeFormat | undefined {
  const name = plainName(path);
  return BY_NAME.find(([, pattern]) => pattern.test(name))?.[0];
}

/** How likely a file of that name is a pickle: `usual` always counts, `often` unless its content says otherwise. */
export function pickleByName(path: string): 'usual' | 'often' | 'seldom' | 'never' {
  const name = plainName(path);
  if (PICKLE.test(name)) return 'usual';
  if (OFTEN_PICKLE.test(name)) return 'often';
  return SELDOM_PICKLE.test(name) ? 'seldom' : 'never';
}

/** The name in lower case, without what tells that it is compressed or packed. */
function plainName(path: string): string {
  const name = posix.basename(path).toLowerCase();
  const inner = name.replace(WRAPPED, '');
  return inner === name || inner === '' ? name : plainName(inner);
}
