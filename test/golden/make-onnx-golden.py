"""A small graph that uses every field src/compile/onnx.ts writes, serialised by the onnx package itself.
usage: python3 test/golden/make-onnx-golden.py   (pip install numpy==2.4.6 onnx==1.23.2; made 2026-11-22)
writes test/golden/small.onnx
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T, helper

w = onnx.TensorProto(name='w', dims=[4, 2], data_type=T.INT8, data_location=T.EXTERNAL)
for key, value in (('location', 'weights.bin'), ('offset', '64'), ('length', '8')):
    entry = w.external_data.add()
    entry.key, entry.value = key, value
one = onnx.TensorProto(name='one', dims=[2], data_type=T.FLOAT, raw_data=np.array([1, -2], np.float32).tobytes())
to_end = onnx.TensorProto(name='to_end', dims=[1], data_type=T.INT64, raw_data=np.array([2**53 - 1], np.int64).tobytes())
nodes = [
    helper.make_node('DynamicQuantizeMatMul', ['x', 'w', 'one', '', 'one'], ['y'], name='y', domain='com.microsoft'),
    helper.make_node('Transpose', ['y'], ['z'], name='z', perm=[1, 0]),
    helper.make_node('FusedMatMul', ['y', 'z'], ['s'], name='s', domain='com.microsoft', transB=1, alpha=0.125),
    helper.make_node('Resize', ['s'], ['r'], name='r', mode='linear', axis=-1),
]
# helper sorts attributes by name; the graph of the test lists them in that order too.
value = helper.make_tensor_value_info
graph = helper.make_graph(nodes, 'small', [value('x', T.FLOAT, ['n', 4])], [value('r', T.FLOAT, [1, 'm', 3])], [w, one, to_end])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 21), helper.make_opsetid('com.microsoft', 1)], ir_version=10, producer_name='offgrid')
(pathlib.Path(__file__).parent / 'small.onnx').write_bytes(model.SerializeToString(deterministic=True))
