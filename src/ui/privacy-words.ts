/** What the privacy page says: words of words.ts that come with that page, when it is opened. */

export const privacy = {
  limitsTitle: 'What this page cannot see',
  limits: [
    'Browser extensions: they may read and send what is in any page, and are in no list of the page’s.',
    'The browser itself, the system and the keyboard app: spelling aids, translation and sync have their own ways.',
    'WebSockets and connections between browsers are in no such list; the policy forbids the first, and nothing here opens the second.',
    'Whoever serves this page could serve another one next time. What is kept here is compared with its hashes; a new version asks you first.',
  ],
  paragraphs: [
    'The model runs inside this page, on the processor of this device. Your questions, the files you open and the answers stay here: there is no server that they could be sent to.',
    'Two things come over the network: the page itself, and a model when you press Get. Once they are here, both work offline.',
  ],
} as const;

/** Whether the page works without a network, and what that takes. */
export const offline = {
  title: 'Without a network',
  checking: 'Looking at the files on this device',
  ready: (count: number, size: string) =>
    `${count} files of this page lie here, ${size}, each just compared with its SHA-256.`,
  model: (title: string, size: string) => `${title} lies here with the form it runs in: ${size}.`,
  notReady: 'Not ready for offline',
  lacks: {
    'no-service-worker':
      'This browser does not keep the page: a private window, an address without https, or a certificate that it does not know. The models are kept all the same.',
    'not-serving': 'The page is kept, and answers without a network once it was loaded again.',
    files: (count: number) =>
      count === 1
        ? 'One file of the page is missing or is not as it was built.'
        : `${count} files of the page are missing or are not as they were built.`,
    'no-model': 'No model is loaded.',
    model: (title: string) => `${title} does not lie on this device in full.`,
  },
  again: 'Look again',
  files: 'The files',
  states: { kept: 'as built', missing: 'missing', damaged: 'not as built; fetched again' },
  install: 'Install as an app',
  installHint: 'Its own icon and window; the same page, the same rules.',
} as const;

export const ledger = {
  title: 'Requests since the page opened',
  total: (requests: string, size: string) => `${requests} requests, ${size} over the network.`,
  elsewhere: (count: string) => `${count} of them to other hosts than this page’s.`,
  nowhere: 'None of them to another host than this page’s.',
  each: 'Each address',
  makers: {
    page: 'Page',
    inference: 'Model worker',
    store: 'Storage worker',
    download: 'Download worker',
    'service-worker': 'Service worker, for all tabs',
  },
  purposes: {
    page: 'the page',
    look: 'how it looks',
    script: 'a script',
    worker: 'a script of a worker',
    runtime: 'the program that runs models',
    guide: 'the guide, a model that comes with the page',
    offline: 'what keeps the page for offline use',
    'model-list': 'which models this host offers',
    model: 'a model that you asked for',
    drill: 'a try to get out, see above; not counted',
    unknown: 'for nothing that this page does by itself',
  },
  answers: {
    network: 'network',
    'service-worker': 'service worker',
    'browser-cache': 'browser’s cache',
    untold: 'not told by the browser',
  },
  line: (purpose: string, times: string, size: string, by: string) =>
    `${purpose} · ${times} · ${size} · ${by}`,
  times: (count: number) => (count === 1 ? 'once' : `${count} times`),
  hint: 'From the browser’s own list, of the page and of each worker; the download worker counts bytes itself. What the service worker answers from this device counts no bytes. Threads of a worker tell nothing themselves: they load their script, which the worker’s list has.',
} as const;

export const policy = {
  title: 'The policy in force',
  hint: 'Asked for again just now, as the browser got it. The browser refuses everything that it does not allow.',
  reading: 'Reading it',
  none: 'none',
  bound: {
    page: 'Page',
    inference: 'Model worker',
    store: 'Storage worker',
    download: 'Download worker, which alone may reach hosts of models',
  },
  sources: { header: 'by response header', element: 'by an element in the page' },
} as const;

export const drill = {
  title: 'Try it',
  hint: 'Tries to send the word “canary” to canary.invalid, a name that belongs to nobody: from the page, and from the worker that reads your questions.',
  run: 'Try to get out',
  running: 'Trying',
  allRefused: 'The browser refused every try, by the policy.',
  notRefused:
    'Not every try was refused by the policy. On this address the page cannot promise that nothing leaves.',
  ways: {
    fetch: 'fetch',
    websocket: 'WebSocket',
    script: 'a script of another host',
    beacon: 'sendBeacon',
    image: 'an image',
  },
  outcomes: {
    refused: (directive: string) => `refused by ${directive}`,
    failed: 'not refused; it failed on the way',
    sent: 'not refused; it left',
  },
} as const;

export const receipts = {
  save: 'Save a receipt',
  hint: 'All of this as a file, with the time and the versions. No question and no answer is in it.',
  fileName: (date: string) => `offgrid-receipt-${date.slice(0, 10)}.json`,
} as const;
