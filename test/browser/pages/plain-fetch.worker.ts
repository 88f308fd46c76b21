/** What a download costs at least: the bench compares with it. */
onmessage = async ({ data: url }: MessageEvent<string>) => {
  const beganMs = performance.now();
  const { body } = await fetch(url, { cache: 'no-store' });
  const reader = body?.getReader();
  while ((await reader?.read())?.done === false);
  postMessage(performance.now() - beganMs);
};
