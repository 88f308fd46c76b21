import type { Adapter } from '../../contract/rungs.ts';

/** The GPU this browser would give us, the faster one where there are two; null when it gives none. */
export async function requestAdapter(gpu: GPU): Promise<GPUAdapter | null> {
  return gpu.requestAdapter({ powerPreference: 'high-performance' });
}

/** Plain values of what an adapter is and can do. */
export function describeAdapter(adapter: GPUAdapter): Adapter {
  const { vendor, architecture, device, description } = adapter.info;
  return {
    vendor,
    architecture,
    device,
    description,
    isSoftware: isSoftware(adapter.info),
    features: [...adapter.features].sort(),
    limits: limitsOf(adapter),
    ortBuild: 'Suspending' in WebAssembly ? 'jspi' : 'asyncify',
  };
}

/** Every limit by its name. They are properties of the prototype, which no spread and no `Object.keys` sees. */
export function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value: unknown = Reflect.get(adapter.limits, name);
    if (typeof value === 'number') limits[name] = value;
  }
  return limits;
}

/** `isFallbackAdapter` came late (Chrome 140); the names are those of the software adapters that browsers use. */
function isSoftware(info: GPUAdapterInfo): boolean {
  const names = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|microsoft basic render/i.test(names)
  );
}
