"""Weights by the programs that define their formats. Reads a JSON object from standard input:

`folder`: where to write; `pairs`: models, as `weights.test.ts` generates them, each written as `before` and as `after`; `packages`: those
whose own weights are compared with variants of them. Prints what the reference readers and numpy tell of each pair, and the types that
gguf knows.
"""

import importlib.metadata
import json
import os
import sys

import numpy
import safetensors
import safetensors.numpy
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFReader, GGUFWriter, quants

# What no array of numpy holds is written as its bytes.
SAFETENSORS_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
SAFETENSORS_NAMES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def numbers(tensor):
    """The same for the same seed."""
    return numpy.random.default_rng(tensor["seed"]).standard_normal(tensor["shape"], dtype=numpy.float32)


def write_safetensors(folder, model):
    os.makedirs(folder)
    shards = [[] for _ in range(model["files"])]
    for at, tensor in enumerate(model["tensors"]):
        shards[at % len(shards)].append(tensor)
    places = {}
    for at, shard in enumerate(shards):
        name = "model.safetensors" if len(shards) == 1 else f"model-{at + 1:05}-of-{len(shards):05}.safetensors"
        contents, kept = {}, []
        for tensor in shard:
            places[tensor["name"]] = name
            count = int(numpy.prod(tensor["shape"], dtype=int)) * SAFETENSORS_BYTES[tensor["dtype"]]
            data = numpy.frombuffer(numpy.random.default_rng(tensor["seed"]).bytes(count), numpy.uint8)
            # It takes addresses: what is there is kept until it is written.
            kept.append(data)
            contents[tensor["name"]] = safetensors.TensorSpec(
                dtype=SAFETENSORS_NAMES[tensor["dtype"]], shape=tensor["shape"], data_ptr=data.ctypes.data, data_len=count
            )
        safetensors.serialize_file(contents, os.path.join(folder, name), model["metadata"])
    if len(shards) > 1:
        with open(os.path.join(folder, "model.safetensors.index.json"), "w") as index:
            json.dump({"metadata": {}, "weight_map": places}, index)


def write_gguf(folder, model):
    os.makedirs(folder)
    split = max(1, -(-len(model["tensors"]) // model["files"])) if model["files"] > 1 else 0
    writer = GGUFWriter(os.path.join(folder, "model.gguf"), "llama", split_max_tensors=split)
    for key, value in model["metadata"].items():
        if isinstance(value, str):
            writer.add_string(key, value)
        elif isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_int64(key, value)
        else:
            writer.add_array(key, value)
    for tensor in model["tensors"]:
        kind = GGMLQuantizationType[tensor["dtype"]]
        if kind in (GGMLQuantizationType.I8, GGMLQuantizationType.I32, GGMLQuantizationType.F64):
            array = {"I8": numpy.int8, "I32": numpy.int32, "F64": numpy.float64}[tensor["dtype"]]
            writer.add_tensor(tensor["name"], (numbers(tensor) * 100).astype(array))
        else:
            writer.add_tensor(tensor["name"], quants.quantize(numbers(tensor), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def files_of(place, ending):
    if os.path.isfile(place):
        return [place]
    return sorted(os.path.join(place, name) for name in os.listdir(place) if name.endswith(ending))


def read_safetensors(place):
    tensors, metadata = {}, {}
    for path in files_of(place, ".safetensors"):
        with open(path, "rb") as file:
            for name, tensor in safetensors.deserialize(file.read()):
                tensors[name] = (tensor["dtype"], list(tensor["shape"]), bytes(tensor["data"]))
        with safetensors.safe_open(path, "numpy") as file:
            metadata.update(file.metadata() or {})
    return tensors, metadata


def read_gguf(place):
    tensors, metadata = {}, {}
    for path in files_of(place, ".gguf"):
        reader = GGUFReader(path)
        for tensor in reader.tensors:
            shape = [int(length) for length in tensor.shape][::-1]
            tensors[tensor.name] = (tensor.tensor_type.name, shape, tensor.data.tobytes())
        for key, field in reader.fields.items():
            if not key.startswith(("GGUF.", "split.")):
                metadata.setdefault(key, field.contents())
    return tensors, metadata


def parameters(tensors):
    # Of safetensors files the Hub does not count what has no dimension.
    return sum(int(numpy.prod(shape, dtype=int)) for _, shape, _ in tensors.values() if shape)


def kind_of(before, after):
    if before is None:
        return "new"
    if after is None:
        return "deleted"
    (dtype, shape, data), (other_dtype, other_shape, other_data) = before, after
    if dtype != other_dtype:
        return "type" if shape == other_shape else "typeAndShape"
    if shape != other_shape:
        return "shape"
    same = numpy.array_equal(numpy.frombuffer(data, numpy.uint8), numpy.frombuffer(other_data, numpy.uint8))
    return None if same else "content"


def difference(read, before, after):
    tensors, metadata = read(before)
    other_tensors, other_metadata = read(after)
    names = sorted({*tensors, *other_tensors})
    kinds = [[kind_of(tensors.get(name), other_tensors.get(name)), name] for name in names]
    keys = sorted({*metadata, *other_metadata})
    return {
        "tensors": [[kind, name] for kind, name in kinds if kind],
        "metadata": [key for key in keys if metadata.get(key) != other_metadata.get(key)],
        "counts": [len(tensors), len(other_tensors)],
        "parameters": [parameters(tensors), parameters(other_tensors)],
    }


READERS = {"safetensors": read_safetensors, "gguf": read_gguf}
WRITERS = {"safetensors": write_safetensors, "gguf": write_gguf}


def weights_of(package):
    return sorted(str(file.locate()) for file in importlib.metadata.files(package) if file.name.endswith(".safetensors"))


def variants_of(path, folder):
    """Two pairs: the weights at `path` without their first tensor, with the second of another type and the last of other values; and as GGUF."""
    os.makedirs(folder)
    tensors = safetensors.numpy.load_file(path)
    names = sorted(tensors)
    changed = {name: tensors[name] for name in names[1:] or names}
    changed[names[-1]] = changed[names[-1]].copy()
    changed[names[-1]].flat[-1] += 1
    if len(names) > 2:
        changed[names[1]] = changed[names[1]].astype(numpy.float16 if changed[names[1]].dtype != numpy.float16 else numpy.float32)
    other = os.path.join(folder, "variant.safetensors")
    safetensors.numpy.save_file(changed, other, {"made": "by numpy"})
    ggufs = []
    for name, kind in (("whole.gguf", GGMLQuantizationType.F32), ("small.gguf", GGMLQuantizationType.Q8_0)):
        ggufs.append(os.path.join(folder, name))
        writer = GGUFWriter(ggufs[-1], "test")
        for tensor in names:
            data = numpy.atleast_1d(tensors[tensor]).astype(numpy.float32)
            fits = data.ndim > 1 and data.shape[-1] % 32 == 0
            writer.add_tensor(tensor, quants.quantize(data, kind) if fits else data, raw_dtype=kind if fits else None)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return [[path, other], ggufs]


task = json.load(sys.stdin)
differences = []
for at, pair in enumerate(task["pairs"]):
    sides = [os.path.join(task["folder"], str(at), side) for side in ("before", "after")]
    for folder, side in zip(sides, ("before", "after")):
        WRITERS[pair["format"]](folder, pair[side])
    differences.append(difference(READERS[pair["format"]], *sides))

real = []
for package in task["packages"]:
    paths = weights_of(package)
    for before, after in [*variants_of(paths[0], os.path.join(task["folder"], package)), *zip(paths, paths[1:])]:
        found = difference(READERS[before.rsplit(".", 1)[1]], before, after)
        real.append({"package": package, "before": before, "after": after, "difference": found})

json.dump(
    {
        "pairs": differences,
        "real": real,
        "types": [[int(kind), kind.name, *GGML_QUANT_SIZES[kind]] for kind in GGML_QUANT_SIZES],
    },
    sys.stdout,
)
