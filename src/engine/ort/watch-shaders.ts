/**
 * Tells of every shader that a device begins to compile, by standing in for two of its methods: ORT compiles each as
 * its first run comes to it, which takes most of a first load, and says nothing.
 * @param onShader with the number of shaders so far
 */
export function watchShaders(device: GPUDevice, onShader: (count: number) => void): void {
  let count = 0;
  const create = device.createComputePipeline.bind(device);
  const createAsync = device.createComputePipelineAsync.bind(device);
  device.createComputePipeline = (descriptor) => {
    onShader(++count);
    return create(descriptor);
  };
  device.createComputePipelineAsync = (descriptor) => {
    onShader(++count);
    return createAsync(descriptor);
  };
}
