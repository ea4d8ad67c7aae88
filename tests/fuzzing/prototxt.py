"""Networks of Caffe to mutate: short ones in which every type of layer stands once, with the fields that it reads."""

from __future__ import annotations

HEAD = 'name: "net"\ninput: "data" input_shape { dim: [1, 8, 16, 16] }\n'
OLD_HEAD = 'name: "net" input: "data" input_dim: 1 input_dim: 8 input_dim: 16 input_dim: 16\n'
DATA = """layer { name: "data" type: "Data" top: "data" top: "label" transform_param { crop_size: 16 mean_value: 104 }
  data_param { source: "x" batch_size: 4 backend: LMDB } include { phase: TEST } }
layer { name: "in" type: "Input" top: "data" input_param { shape: { dim: 1 dim: 3 dim: 16 dim: 16 } } }
"""
LAYERS = """layer { name: "c" type: "Convolution" bottom: "data" top: "c"
  convolution_param { num_output: 8 kernel_size: 3 pad: 1 stride: 2 group: 2 dilation: 1 bias_term: false } }
layer { name: "c2" type: "Convolution" bottom: "data" top: "c2" param { name: "w" lr_mult: 1 }
  convolution_param { num_output: 8 kernel_h: 3 kernel_w: 1 pad_h: 1 pad_w: 0 stride_h: 1 stride_w: 1 } }
layer { name: "d" type: "Deconvolution" bottom: "data" top: "d" convolution_param { num_output: 4 kernel_size: 2
  stride: 2 } }
layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "g" type: "Pooling" bottom: "data" top: "g" pooling_param { pool: MAX global_pooling: true } }
layer { name: "i" type: "InnerProduct" bottom: "data" top: "i" inner_product_param { num_output: 10 bias_term:
  true axis: 1 } }
layer { name: "r" type: "ReLU" bottom: "data" top: "data" relu_param { negative_slope: 0.1 } }
layer { name: "pr" type: "PReLU" bottom: "data" top: "pr" prelu_param { channel_shared: true } }
layer { name: "l" type: "LRN" bottom: "data" top: "l" lrn_param { local_size: 5 alpha: 0.0001 norm_region:
  ACROSS_CHANNELS } }
layer { name: "bn" type: "BatchNorm" bottom: "data" top: "bn" batch_norm_param { use_global_stats: true eps: 1e-5 } }
layer { name: "s" type: "Scale" bottom: "data" top: "s" scale_param { bias_term: true axis: 1 } }
layer { name: "n" type: "Normalize" bottom: "data" top: "n" norm_param { across_spatial: false channel_shared: false } }
layer { name: "e" type: "Eltwise" bottom: "data" bottom: "data" top: "e" eltwise_param { operation: SUM coeff: 1
  coeff: -1 } }
layer { name: "k" type: "Concat" bottom: "data" bottom: "data" top: "k" concat_param { axis: 1 } }
layer { name: "sl" type: "Slice" bottom: "data" top: "a" top: "b" slice_param { axis: 1 slice_point: 3 } }
layer { name: "sp" type: "Split" bottom: "data" top: "a" top: "b" }
layer { name: "sh" type: "ShuffleChannel" bottom: "data" top: "sh" shuffle_channel_param { group: 2 } }
layer { name: "cr" type: "Crop" bottom: "data" bottom: "data" top: "cr" crop_param { axis: 2 offset: 0 } }
layer { name: "rs" type: "Reshape" bottom: "data" top: "rs" reshape_param { shape { dim: 0 dim: -1 } axis: 1 } }
layer { name: "pm" type: "Permute" bottom: "data" top: "pm" permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "f" type: "Flatten" bottom: "data" top: "f" flatten_param { axis: 1 } }
layer { name: "do" type: "Dropout" bottom: "data" top: "do" dropout_param { dropout_ratio: 0.5 } include { phase:
  TRAIN } }
layer { name: "sm" type: "SoftmaxWithLoss" bottom: "data" bottom: "label" top: "sm" exclude { stage: "x" } }
layers { layer { name: "o" type: "conv" num_output: 4 kernelsize: 3 pad: 1 group: 1 } bottom: "data" top: "o" }
layers { name: "v" type: CONVOLUTION bottom: "data" top: "v" blobs_lr: 1 convolution_param { num_output: 2
  kernel_size: 1 } }
""".replace("\n  ", " ").splitlines()

TEXTS = [
    *(f"{head}{line}\n".encode() for line in LAYERS for head in (HEAD, OLD_HEAD, DATA)),
    (HEAD + "\n".join(LAYERS[:6])).encode(),
]
