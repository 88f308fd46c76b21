/** 页面上的全部文字，简体中文。键与 en.ts 相同，由类型保证。 */
import type { ErrorCode } from '../../contract/errors.ts';
import type { FirstWords, LaterWords } from '../spoken.ts';
import type { FailureSentences } from './shape/failure-sentences.ts';

const NUMBERS = new Intl.NumberFormat('zh-Hans-CN');
const number = (count: number) => NUMBERS.format(count);

/** 名字与文字之间的空格：夹在两个汉字之间的去掉。 */
function spaced(texts: TemplateStringsArray, ...names: readonly string[]): string {
  return String.raw({ raw: texts }, ...names).replace(
    /(?<=\p{Script=Han}) (?=\p{Script=Han})/gu,
    '',
  );
}

/** 放弃某种运行方式的原因，用作句子的后半。 */
const REASONS: Partial<Record<ErrorCode, string>> & { readonly internal: string } = {
  'webgpu-unavailable': '无法启动',
  'webgpu-lost': 'GPU 被重置，或被系统收回',
  'self-test-failed': '自检结果有误',
  'out-of-memory': '内存不足',
  'storage-full': '本机存储空间不足',
  'runtime-failed': '运行出错而停止',
  'worker-died': '运行出错而停止',
  'worker-silent': '长时间没有响应',
  'page-died': '浏览器在此期间关闭了本页面',
  internal: '运行出错而停止',
};

export const first: FirstWords = {
  numbers: {
    locale: 'zh-Hans-CN',
    percent: (figure) => `${figure}%`,
    of: (done, total) => `${done} / ${total}`,
    milliseconds: (figure) => `${figure} 毫秒`,
    seconds: (figure) => `${figure} 秒`,
    minutes: (minutes, seconds) => `${minutes} 分 ${seconds} 秒`,
    hours: (hours, minutes) => `${hours} 小时 ${minutes} 分`,
  },

  joints: {
    gap: '',
    list: '，',
    labelled: (name, value) => `${name}：${value}`,
  },

  page: {
    title: 'Offgrid：在自己的设备上问 Qwen2.5',
    description:
      '在自己的手机或电脑上、在浏览器里运行 Qwen2.5，并让你看到它如何工作。你输入的内容不会离开本页面。',
    line: '在自己的设备上问 Qwen2.5。你输入的内容不会离开本页面。',
    skip: '跳到输入框',
    noModel: '还没有模型',
    chooseModel: (title) => `模型：${title}。更换`,
    seal: '本机运行',
    offlineSeal: '可离线使用',
    models: '模型',
    statistics: '统计',
    settings: '设置',
    benchmark: '性能测试',
    writing: '写作工具',
    keys: '键盘',
    conversations: '对话',
    privacy: '本机运行',
    newConversation: '新对话',
    close: '关闭',
    update: '页面有新版本。更新后对话仍会保留。',
    applyUpdate: '更新并重新加载',
    dropHere: '松开即可打开 .gguf 文件',
  },

  models: {
    looking: '正在查找本机上的模型',
    offer: (size) => `下载一次 ${size}，之后离线可用`,
    offerSentence: (size) => `下载一次 ${size}，之后离线可用。`,
    get: '获取',
    getTitle: (title) => spaced`获取 ${title}`,
    open: '打开',
    openTitle: (title) => spaced`打开 ${title}`,
    others: '其他模型',
    guide: '向导',
    inUse: '使用中',
    resume: '继续',
    resumeTitle: (title) => spaced`继续下载 ${title}`,
    unfinishedTitle: (title) => spaced`${title} 尚未下载完`,
    discardTitle: (title) => spaced`删除已下载的 ${title}`,
    partHere: (share) => `已下载 ${share}，均已校验并保留。`,
    remove: '删除',
    removeQuestion: (size) => `删除 ${size}？`,
    keep: '保留',
    ready: (title) => spaced`${title} 已在本机就绪。`,
    guideReady: '向导已就绪：页面自带的小模型。',
    guideComing: '向导正在准备：页面自带的小模型。',
    withSize: (title, size) => `${title} · ${size}`,
    offerLabel: '可获取的更大的模型',
    brings: '它能写作、解释、翻译和编程；向导只懂本页面和相关知识。',
  },

  fits: {
    verdicts: { fits: '合适', tight: '勉强', no: '不合适' },
    sentence: (verdict, reasons) => `${verdict}：${reasons.join('，')}。`,
    room: (needed) => `占用本机空间 ${needed}`,
    roomOf: (needed, left) => `需要本机空间 ${needed}，而浏览器只能再给本页面 ${left}`,
    most: (needed, isEstimate) => (isEstimate ? `约 ${needed}（估算）` : needed),
    memory: (most) => spaced`加载时内存最多 ${most}`,
    memoryOf: (most, device) =>
      spaced`加载时内存最多 ${most}，本机共约 ${device}，请先关闭其他标签页`,
    memoryBeyond: (most, device) =>
      spaced`加载时内存最多 ${most}，本机共约 ${device}，而一个页面最多只能用到一半`,
    memoryOfPage: (most) => spaced`加载时内存最多 ${most}，而一个页面最多只能用 4.29 GB`,
  },

  transfers: {
    speed: (rate) => `${rate}/秒`,
    from: (host) => `来自 ${host}`,
    connections: (count) => `${number(count)} 段同时下载`,
    waits: {
      offline: '等待网络',
      'asked-to': '对方服务器要求稍候',
      trouble: '连接中断',
      'other-download': '另一个标签页正在下载别的模型',
    },
    again: (reason, wait) => `${reason}，${wait}后重试`,
  },

  phases: {
    names: {
      download: '下载',
      wait: '等待另一个标签页',
      read: '读取文件',
      check: '校验',
      compile: '为本机准备',
      measure: '计算标准结果',
      load: '加载',
    },
    coming: (title) => spaced`正在准备 ${title}`,
    loading: (title) => spaced`正在加载 ${title}`,
    waiting: '等待中',
    soFar: (elapsed) => `已用 ${elapsed}`,
    left: (left) => `还需 ${left}`,
    doneIn: (size, elapsed) => `${size}，用时 ${elapsed}`,
    pause: '暂停',
    cancel: '取消',
    cancelQuestion: (size) => `取消并删除 ${size}`,
    goOn: '继续下载',
    stopping: '正在停止',
    stillUsable: (title) => spaced`在此期间仍可以问 ${title}。`,
  },

  failures: {
    arrival: (title) => spaced`${title} 未能就绪`,
    load: (title) => spaced`${title} 未能加载`,
    guide: '向导没有就绪',
    shelf: '无法列出本机上的模型',
    dismiss: '知道了',
    remedies: {
      'try-again': '重试',
      repair: '修复',
      'choose-another': '换一个模型',
      'reload-page': '重新加载页面',
      'reset-settings': '恢复默认设置',
    },
    bug: '页面出现了意外错误',
    copyReport: '复制错误报告',
    copied: '已复制',
    reportHint: '报告里没有你的问题，也没有回答。',
    short: {
      'download-failed': '下载没有完成。已下载的部分保留。',
      'storage-full': '本机空间不足。',
      'storage-unavailable': '浏览器不让本页面保存文件。',
      'model-changed': '本机上的模型文件被改动过。',
      'out-of-memory': '内存不足，运行不了这个模型。',
      'answer-interrupted': '写这个回答时页面被关闭。',
      'conversations-unavailable': '浏览器不让本页面保存对话。',
      'worker-died': '页面中运行模型的部分停止了。',
      internal: '页面内部出错。',
      other: '没有成功。',
    },
  },

  suggestions: {
    title: '可以这样开始',
    forGuide: ['我输入的内容会发送到服务器吗？', '你能做什么？', '能离线使用吗？'],
    forOthers: [
      '用两句话解释预填充和解码。',
      '写一个检查括号是否配对的 Python 函数。',
      '翻译成英文：模型在这台设备上运行。',
    ],
  },

  chat: {
    lookInside: '查看 token',
    lookOutside: '返回正文',
    looking: '正在读取',
    conversation: '对话',
    you: '你',
    field: '你的问题',
    placeholder: '输入问题',
    ask: '提问',
    stop: '停止',
    stopping: '正在停止',
    keyboardHint: '按 Enter 提问，Shift 加 Enter 换行，Esc 停止回答，Ctrl 加斜杠列出全部按键。',
    needsModel: '要有模型才能回答：请获取一个，或在“模型”中打开文件。',
    comingModel: '模型就绪后即可提问。',
    loadingModel: '模型正在加载。现在提的问题，加载完就会回答。',
    newText: '有新内容',
    checking: '正在等待本站的规则',
    waking: '正在加载模型',
    reading: '正在读取提示',
    readingTokens: (done, total) => `正在读取提示：${done} / ${total} token`,
    noText: '回答是空的。',
    omitted: (count) => `上下文放不下，最早的 ${number(count)} 条消息没有读入。`,
    goOn: '继续',
    retry: '重试',
    again: '重新回答',
    edit: '编辑问题',
    editField: '编辑后重新提问',
    cancelEdit: '取消',
    copy: '复制',
    copied: '已复制',
    branches: '分支',
    previous: '上一个分支',
    next: '下一个分支',
    place: (at, of) => `${number(at)} / ${number(of)}`,
    temporary: '这是临时对话：不会保存，关闭标签页后就没有了。',
    keepIt: '保存对话',
    keepThisOne: '改为保存',
  },

  markdown: {
    code: '代码',
    table: '表格',
    image: (title, address) => `[图片，未加载：${title} ${address}]`,
  },

  answerLine: {
    rate: (rate) => `${rate} tok/s`,
    firstToken: (duration) => `首个 token ${duration}`,
    tokens: (count) => `${number(count)} token`,
    ended: {
      stop: '自然结束',
      'stop-string': '遇到停止字符串',
      length: '达到长度上限',
      context: '上下文已满',
      cancelled: '由你停止',
    },
    broken: '中断',
    continued: (count) => `从第 ${count} 个 token 后继续`,
  },

  figures: {
    live: {
      name: '当前解码速度',
      unit: 'tok/s',
      definition: '最近一秒生成的 token 数，除以所用时间；时间从前一个 token 算起。',
    },
    ttft: {
      name: '首个 token 时间',
      definition: '从引擎接受问题，到选出第一个 token：包括对话模板、分词器和预填充。',
    },
    prefill: {
      name: '预填充',
      definition: '需要计算的提示 token 数，除以模型计算所用的时间。取自缓存的 token 不计在内。',
    },
    decode: {
      name: '解码',
      definition:
        '第一个之后的 token 数，除以从第一个到最后一个 token 的时间。第一个 token 的时间算在预填充里。',
    },
    tokensIn: {
      name: '输入 token',
      definition: '模型读到的完整提示：系统提示词、对话、问题，以及其间的标记。',
    },
    reused: {
      name: '其中取自缓存',
      definition: '键和值还在内存里、无需重新计算的提示 token。',
    },
    tokensOut: {
      name: '输出 token',
      definition: '模型选出并保留的 token。表示“结束”的 token 不计在内。',
    },
    total: {
      name: '整个回答',
      definition: '从引擎接受问题，到回答结束。',
    },
    seed: {
      name: '种子',
      definition: '种子、设置、提示和模型都相同时，会得到同样的文字。',
    },
    record: {
      name: '每个 token 的命令',
      definition: '引擎为一个 token 写好命令（或回放录好的命令）并交给 GPU 所用时间的中位数。',
    },
    gpu: {
      name: '每个 token 的 GPU 时间',
      definition:
        '一个 token 从 GPU 的第一条命令到最后一条的时间，取中位数，以 GPU 自己的时钟为准。其间等待命令的停顿也算在内。',
    },
    wait: {
      name: '每个 token 的等待',
      definition: '从交出最后一条命令到读回结果的时间，取中位数：GPU 剩下的计算，加上传回的时间。',
    },
    begun: {
      name: '接着已有部分',
      definition:
        '回答中断时已写好的 token。继续时它们作为提示的一部分；其他数字只统计之后的部分。',
    },
    context: {
      name: '已用上下文',
      definition:
        '上次回答后，模型短期记忆中的 token 数，以及它最多能容纳的数量。容量可在“设置”中更改。',
    },
    loadTotal: {
      name: '加载',
      definition: '加载各步骤的总时间，从本机上准备好的文件到可以提问。',
    },
    threads: {
      name: '线程',
      definition: '引擎计算所用的处理器线程，最多四个。',
    },
    page: {
      name: '页面内存',
      definition:
        '浏览器统计的本页面及其工作线程的内存（measureUserAgentSpecificMemory），包括权重、缓存和工作空间。加载或回答之后最多要等一分钟；有的浏览器不提供。',
    },
  },

  units: {
    perSecond: 'tok/s',
    tokens: (count) => `${count} tok`,
  },

  rungs: {
    places: {
      'webgpu-f16': 'GPU（16 位）',
      'webgpu-f16-fp32': 'GPU（16 位，32 位累加）',
      'webgpu-f32': 'GPU（32 位）',
      'simd-int8': 'CPU',
      'wasm-int8': 'CPU（ONNX Runtime）',
    },
    reason: (code) => REASONS[code] ?? REASONS.internal,
    gpu: 'GPU',
    tryGpuAgain: '再试 GPU',
    tryEngineAgain: '再试一次',
    gaveUp: (from, reason, to) => `已停用 ${from}：${reason}。模型现在在 ${to} 上运行。`,
    gaveUpInAnswer: (from, reason, to) =>
      `回答途中停用了 ${from}：${reason}。已写的内容保留，模型现在在 ${to} 上运行。`,
    notPrepared: (from, reason, to) =>
      `未能为 ${from} 准备模型：${reason}。模型现在在 ${to} 上运行。`,
    diedLastTime: (from, to) =>
      `上次为 ${from} 准备模型时，浏览器关闭了本页面。这次模型在 ${to} 上运行。`,
  },

  announcements: {
    phase: (title, phase) => `${title}：${phase}`,
    ready: (title) => spaced`${title} 已就绪，可以提问了。`,
  },
};

/** 服务器拒绝下载时，状态码的含义。 */
function refusal(httpStatus: number): string {
  if (httpStatus === 401 || httpStatus === 403) {
    return `对方服务器不向所有人提供这个文件（HTTP ${httpStatus}）。请登录后自行下载，再在这里打开。`;
  }
  if (httpStatus === 404 || httpStatus === 410) {
    return `对方服务器已没有这个文件（HTTP ${httpStatus}）。请检查地址，或从别处获取文件后在这里打开。`;
  }
  if (httpStatus === 429) {
    return `对方服务器要求稍候：同时下载的人太多（HTTP ${httpStatus}）。已下载的部分保留。请过几分钟再继续。`;
  }
  if (httpStatus >= 500) {
    return `对方服务器自身出了问题（HTTP ${httpStatus}）。已下载的部分保留。请过几分钟再继续。`;
  }
  return `对方服务器拒绝了下载（HTTP ${httpStatus}）。请重试，或自行下载文件后在这里打开。`;
}

const otherFamily = (architecture: string) =>
  `这个模型不属于 Qwen2 系列，本页面只运行这一系列（它的架构：${architecture}）。请选择 GGUF 格式的 Qwen2 或 Qwen2.5 模型。`;

const otherScaling = (scaling: string) =>
  `这个模型扩展上下文的方式本页面不支持（RoPE 缩放：${scaling}）。请选择同样大小的普通 Qwen2.5。`;

const notForGpu = (why: string) =>
  `这个模型不适合 GPU：${why}。没有丢失任何内容：不用 GPU 也能运行。`;

const GUIDE_CHANGED =
  '收到的不是属于本页面的小模型，已删除。没有它，页面照常可用：请获取一个模型，或重新加载页面后再试。';

/** 发生了什么、保留了什么、该怎么做，并写明具体数字。 */
const FAILURES: FailureSentences = {
  'not-gguf': {
    plain: '这不是 GGUF 模型：文件开头不对。请选择以 .gguf 结尾的文件。',
    'lfs-pointer':
      '这个文件只是指向模型的指针（Git LFS 指针，普通克隆会留下它）。请下载模型文件本身。',
  },
  'html-not-model': {
    plain:
      '收到的是网页，不是模型：地址有误，或对方要求登录。请检查地址，或自行下载文件后在这里打开。',
    'saved-page':
      '这个文件是网页，不是模型：保存下来的是介绍模型的页面。请下载模型本身，即以 .gguf 结尾的文件，再选择它。',
    'guide-changed': GUIDE_CHANGED,
  },
  'gguf-truncated': {
    plain: '文件比它自己的目录所写的短：复制或下载时被截断了。请重新获取。',
    empty: '文件是空的：没有写入任何内容。请重新获取。',
  },
  'gguf-malformed': '文件已损坏：目录内容不合理。请从发布处重新获取。',
  'gguf-version': {
    plain: '本页面读不了这个版本的 GGUF。请获取当前版本（2 或 3）。',
    'big-endian': '这个 GGUF 是为另一种字节序（大端）的计算机制作的。请获取普通的小端版本。',
  },
  'unsupported-architecture': {
    plain:
      '这个模型不属于 Qwen2 系列，本页面只运行这一系列。请选择 GGUF 格式的 Qwen2 或 Qwen2.5 模型。',
    'other-family': ({ architecture }) => otherFamily(architecture),
    'unstated-family': otherFamily('未说明'),
    'rope-scaling': ({ scaling }) => otherScaling(scaling),
    'unstated-rope-scaling': otherScaling('未知'),
    'other-tokenizer':
      '这个模型切分 token 的方式与 Qwen2 不同，本页面不能运行。请选择 GGUF 格式的 Qwen2 或 Qwen2.5 模型。',
  },
  'unsupported-tensor-type': {
    plain: '本页面读不了这个模型的数值格式。请选择它的其他量化版本，例如 Q4_K_M 或 Q8_0。',
    'named-type': ({ tensorType }) =>
      `本页面读不了这个模型的数值格式（类型 ${tensorType}）。请选择它的其他量化版本，例如 Q4_K_M 或 Q8_0。`,
  },
  'missing-tensor': {
    plain: '这个模型缺少运行所需的部分。请从发布处重新获取文件。',
    'named-tensor': ({ tensor }) =>
      `这个模型缺少运行所需的部分（${tensor}）。请从发布处重新获取文件。`,
  },
  'vocabulary-mismatch': '文件里的词表和权重对不上。请从发布处重新获取文件。',
  'pack-damaged':
    '这个保存的模型文件已损坏或被截断，没有读入任何内容。请重新复制，或重新保存一份。',
  'file-unreadable': '浏览器读不了这个文件：它被移动或修改过，或所在的磁盘已断开。请重新选择。',
  'checksum-mismatch': {
    plain: '下载的文件与公布的不一致，已删除。请重试；若再次出现，说明对方服务器或网络改动了文件。',
    'guide-changed': GUIDE_CHANGED,
  },
  'source-damaged': {
    plain: '本机上的模型文件已损坏。请修复，或删除后重新获取。',
    'no-other-copy':
      '本机上的模型文件已损坏，本页面也不知道哪里还有同样的文件。请再次打开你手头的那份，或删除它。',
  },
  'download-failed': {
    plain: '下载没有完成。已下载的部分校验过并保留。请检查网络连接，然后继续。',
    refused: ({ httpStatus }) => refusal(httpStatus),
    stalled: '对方服务器停止了发送。已下载的部分保留。请过几分钟再继续。',
    'out-of-reach':
      '本页面只允许自己从 Hugging Face、hf-mirror.com、ModelScope 和本站获取模型。请自行下载文件，再在这里打开。',
    'guide-missing':
      '页面自带的小模型没有收到。没有它，页面照常可用：请获取一个模型，或检查网络连接后重试。',
    'no-repository': 'Hugging Face 上没有这个仓库，或它不对所有人开放。请检查名称。',
    'repository-untold': 'Hugging Face 没有给出文件列表。请检查网络连接后重试，或补上文件名。',
  },
  'length-mismatch': {
    plain: '这个地址的文件长度不对。请稍后重试，或从别处获取后在这里打开。',
    'guide-changed': GUIDE_CHANGED,
  },
  'storage-full': {
    plain: '本机空间不足，放不下这个模型。请腾出空间，或在这里删除其他模型，然后重试。',
    'too-little-room': ({ neededBytes, leftBytes }, { megabytes }) =>
      `这个模型约需 ${megabytes(neededBytes)} 空间，而浏览器只能再给本页面 ${megabytes(leftBytes)}。请腾出空间，或在这里删除其他模型，然后重试。`,
    'ran-out': ({ neededBytes }, { megabytes }) =>
      `写入模型时空间用完了；它约需 ${megabytes(neededBytes)}。请腾出空间，或在这里删除其他模型，然后重试。`,
  },
  'storage-unavailable': '浏览器不让本页面保存文件（无痕窗口会这样）。请在普通窗口打开本页面。',
  'model-in-use': '这个模型正在另一个标签页里使用。请关闭那个标签页后重试。',
  'model-missing': '模型已不在本机：被浏览器或其他人清除了。请重新获取。',
  'model-changed':
    '本机上的模型文件在校验之后被改动或截断，因此没有运行。请修复它，或删除后重新获取。',
  'model-too-large': {
    plain: '这个模型需要的内存超过浏览器给一个页面的上限（4.29 GB）。请选择更小的模型。',
    'beyond-page-memory': ({ neededBytes, mostBytes }, { bytes }) =>
      `在处理器上运行这个模型需要 ${bytes(neededBytes)} 内存，而浏览器最多给一个页面 ${bytes(mostBytes)}。请选择更小的模型。`,
  },
  'compiled-damaged': '为本机准备的形式已损坏或不完整。会从模型文件重新准备，无需下载。',
  'out-of-memory':
    '本机没有给页面足够的内存来运行这个模型。请关闭其他标签页后重试，或选择更小的模型。',
  'runtime-failed': '推理运行库未能启动这个模型。请重新加载页面后再试。',
  'webgpu-unavailable': {
    plain: '未能在本机的 GPU 上启动这个模型。没有丢失任何内容：不用 GPU 也能运行。请重新加载模型。',
    'uneven-heads': ({ headSize, multiple }, { count }) =>
      notForGpu(`注意力头的大小 ${count(headSize)} 不是 ${count(multiple)} 的倍数`),
    'uneven-rows': ({ rowWeights, blockWeights }, { count }) =>
      notForGpu(`每行 ${count(rowWeights)} 个权重，填不满每块 ${count(blockWeights)} 个的块`),
    'long-rows': ({ rowWeights, mostBytes }, { count }) =>
      notForGpu(`每行 ${count(rowWeights)} 个权重，超出了一次可用的 ${count(mostBytes)} 字节`),
  },
  'webgpu-lost':
    '本页面无法再使用 GPU：它被重置，或被系统收回。已写的内容保留，模型不用 GPU 也能继续。',
  'self-test-failed': {
    plain:
      'GPU 在已知结果的自检中给出了错误的数值。没有丢失任何内容：不用 GPU 也能运行。请重新加载模型。',
    'on-cpu':
      '处理器的快速引擎在已知结果的自检中给出了错误的数值。没有丢失任何内容：不用它也能运行。请重新加载模型。',
  },
  'page-died':
    '准备模型时浏览器关闭了本页面，多半是内存不足。已下载的内容保留。请关闭其他标签页后重试，或选择更小的模型。',
  'answer-interrupted': '写这个回答时页面被关闭。已写的内容保留。',
  'conversations-unavailable':
    '浏览器不让本页面保存对话（无痕窗口可能这样）。关闭标签页后，这里的对话就没有了。',
  'conversations-full': '本机空间不足，无法保存对话。请删除其他对话或模型，之后会继续保存。',
  'import-failed': '这个文件里没有本页面能读的对话。请选择在这里存为 JSON 的文件。',
  'prompt-empty': '还没有可回答的内容。请先输入问题。',
  'prompt-too-long': {
    plain: '消息太长，模型一次读不完。请缩短后再发送。',
    'long-message': ({ messageTokens, availableTokens }, { count }) =>
      `这条消息有 ${count(messageTokens)} 个 token（词的片段），而除去系统提示词和回答，模型一次最多能读 ${count(availableTokens)} 个。请缩短后再发送。`,
    'long-system-prompt': ({ systemTokens, limitTokens, messageTokens }, { count }) =>
      `系统提示词没有给消息留下空间：它约占 ${count(systemTokens)} 个 token（词的片段），总共只能放 ${count(limitTokens)} 个。请缩短它，再发送这条 ${count(messageTokens)} 个 token 的消息。`,
  },
  'policy-unavailable':
    '提供本页面的网站没有告知这里是否有内容规则；在它告知之前不会回答。你的问题已保留，请重试。',
  withheld: '提供本页面的网站按其规则不显示这段内容。没有向任何地方发送。请换个说法再问。',
  'invalid-request': '有一项设置超出了允许的范围。请恢复默认设置后重试。',
  busy: {
    plain: '模型还在处理上一个请求。请等它完成，或停止它。',
    'still-preparing': '另一个模型还在准备。请等它完成，或取消它。',
    'other-tab': '本页面的另一个标签页正在准备模型。请等它完成，或关闭那个标签页。',
  },
  'not-loaded': '没有加载模型。请先选择一个。',
  'worker-died': '页面中运行模型的部分停止了。已写的内容保留。再次提问即可重新启动。',
  'worker-silent': {
    plain: '模型长时间没有响应，已停止。已写的内容保留。再次提问即可重新启动。',
    'no-progress': '长时间没有进展，已停止。校验过的模型文件保留。请重试。',
  },
  internal: '页面内部出错。已写的内容保留。请重新加载页面后再试。',
};

export const later: LaterWords = {
  errors: { sentences: FAILURES },

  speech: {
    title: '朗读的内容',
    code: (language, lines) =>
      language === ''
        ? `代码，共 ${number(lines)} 行。`
        : `${language} 代码，共 ${number(lines)} 行。`,
    table: (rows, columns) => `表格，共 ${number(rows)} 行：${columns.join('、')}。`,
    image: (title) => `图片，未加载：${title}`,
  },

  keys: {
    intro: '打开此列表时，按旁边的字母即可执行；也可以用 Tab 和 Enter。',
    everywhere: '随时可用',
    direct: {
      ask: '提问（在输入框中）',
      newLine: '在输入框中换行',
      stop: '停止回答；关闭打开的面板',
      list: '此列表',
      turns: '上一个、下一个回答',
      conversations: '上一个、下一个对话',
      controls: '移到下一个控件；加 Shift 往回',
    },
    actions: {
      new: '新对话',
      find: '搜索对话',
      list: '全部对话',
      xray: '查看最后一个回答的 token',
      copy: '复制最后一个回答',
      models: '模型',
      settings: '设置',
      statistics: '统计',
      benchmark: '性能测试',
      privacy: '本机运行',
    },
    single: '按 ? 键打开此列表',
    singleHint: '只在输入框之外有效。如果你用语音操作设备，可以关闭；Ctrl 加 / 始终可用。',
    show: '查看按键',
    inConversation: (title) => `对话：${title}`,
  },

  conversations: {
    beginTemporary: '新的临时对话，不保存',
    search: '搜索对话',
    none: '你的提问会保存在这里，只在这台设备上。',
    notFound: '没有找到包含这些字的对话。',
    pinned: '已置顶：',
    more: (title) => `“${title}”的更多操作`,
    name: '对话名称',
    rename: '重命名',
    pin: '置顶',
    unpin: '取消置顶',
    saveMarkdown: '存为 Markdown',
    saveJson: '存为 JSON',
    saveAll: '全部保存为文件',
    allFileName: 'offgrid-对话.json',
    fileName: '对话',
    open: '打开保存的对话',
    remove: '删除',
    removed: (title) => `已删除“${title}”。`,
    undo: '撤销',
  },

  shelf: {
    provenance: (host, licence) => `来自 ${host}，按公布的 SHA-256 校验。许可证：${licence}。`,
    openFile: '打开模型文件',
    openFileHint:
      'GGUF 格式的任何 Qwen2 或 Qwen2.5 模型，或在另一台设备上用本页面保存的 .offgrid 文件。',
    dropHint: '也可以把文件拖到本页面上。',
    stored: '本机已有',
    served: '本站 models 文件夹里的模型',
    trust: {
      published: 'SHA-256 与公布的一致',
      told: 'SHA-256 与来源服务器给出的一致',
      recorded: 'SHA-256 为首次打开时记录',
    },
    fromHost: (host) => `来自 ${host}`,
    fromSite: '来自本站',
    fromFile: '来自文件',
    withPage: '页面自带',
    verified: (day) => `${day}逐字节校验过。`,
    details: '详情',
    detailsTitle: (title) => spaced`${title} 的详情`,
    file: '文件',
    hash: 'SHA-256',
    check: '重新校验',
    checkTitle: (title) => spaced`重新校验 ${title}`,
    exportSource: '存为 .gguf',
    exportSourceTitle: (title) => spaced`把 ${title} 存为 .gguf 文件`,
    exportPack: '连同准备结果保存',
    exportPackTitle: (title) => spaced`把 ${title} 连同准备结果保存`,
    exportHint:
      '连同准备结果保存的文件（.offgrid）可以让另一台设备省去准备。在那里的“模型”中打开即可，打开时会校验。',
    elsewhere: '（在另一台设备上）',
    unfinished: '未完成',
    address: '添加其他模型',
    addressExample: 'Qwen/Qwen2.5-0.5B-Instruct-GGUF/….gguf',
    addressHint:
      'Hugging Face 上的仓库，写作“所有者/仓库”，其中的文件写作“所有者/仓库/文件.gguf”，或它的网址。若对方服务器给出 SHA-256，就按它校验；否则在本机记录。',
    getAddress: '获取这个地址的模型',
    addressFaults: {
      'no-address': '请输入“所有者/仓库”“所有者/仓库/文件.gguf”，或以 https:// 开头的网址。',
      'not-gguf': '这不是以 .gguf 结尾的文件。',
      'out-of-reach':
        '本页面只允许自己从 Hugging Face、hf-mirror.com、ModelScope 和本站获取模型。请自行下载文件，再在下面打开。',
    },
    repositoryLooking: (repo) => spaced`正在询问 Hugging Face：${repo} 里有什么。`,
    repositoryTitle: (repo) => spaced`${repo} 中的模型`,
    repositoryCount: (files, repo) =>
      spaced`${repo} 中有 ${String(files)} 个文件。本页面运行 Qwen2 和 Qwen2.5。`,
    repositoryEmpty: (repo) => spaced`${repo} 中没有以 .gguf 结尾且单独成为模型的文件。`,
    repositoryGet: (path) => spaced`获取 ${path}`,
    mustPrepare: '使用时会重新准备',
    removeTitle: (title) => spaced`删除 ${title}`,
    forms: {
      'webgpu-f16': 'GPU（16 位）',
      'webgpu-f32': 'GPU（32 位）',
      'simd-int8': 'CPU',
      'wasm-int8': 'CPU（ONNX Runtime）',
    },
    preparedFor: (place, size) => `已为 ${place} 准备：${size}`,
    free: '释放',
    freeForm: (place, title) => spaced`释放为 ${place} 准备的 ${title}`,
    comesWithPage: (size) => `${size} · 页面自带`,
    room: '本机空间',
    used: (used) => `本页面在这里占用 ${used}。`,
    left: (left) => `浏览器还能给本页面 ${left}。`,
    kept: '会一直保留，直到你删除。',
    notKept: '空间不足时，浏览器可能会清除。',
    notGguf: '这里只能打开以 .gguf 或 .offgrid 结尾的文件。',
  },

  upkeep: {
    running: {
      check: '正在用 SHA-256 逐字节校验',
      repair: '正在修复',
      export: '正在生成文件',
    },
    sound: (day) => `完好：每个字节都正确（${day}）。`,
    damaged: '这个文件已损坏。',
    damagedBytes: (size) => `这个文件已损坏；修复需重新下载 ${size}。`,
    save: (name, size) => `保存 ${name}，${size}`,
    repair: '修复',
    again: '重试',
  },

  xray: {
    none: '没有保留这个回答的生成过程。',
    hint: '颜色越深，模型越没料到这个 token。点一个，或用方向键选择。',
    tokens: '回答的 token',
    detail: '选中的 token',
    nth: (at, of) => `第 ${at} 个 token，共 ${of} 个`,
    before: '模型给出的概率',
    after: '抽取时的概率',
    entropy: '熵',
    nats: (value) => `${value} nat`,
    time: '用时',
    alternatives: '这里可能出现的 token：模型给出的概率，以及按设置处理之后的概率',
    followedBy: '之后',
    chosen: '已选',
    goOn: '从这里继续',
    fork: (token) => `用 ${token} 从这里继续`,
    prompt: (tokens) => `模型读到的提示：${tokens} token`,
    promptLabel: '提示',
    cached: (tokens) => `带底色的前 ${tokens} 个 token 取自缓存。`,
    timePerToken: (most) => spaced`每个 token 用时，最多 ${most}`,
    tokenNumber: (at) => `第 ${at} 个`,
    rows: (from, until) => `第 ${from} 到 ${until} 个 token`,
    number: '序号',
    token: 'Token',
    second: '次选',
  },

  statistics: {
    now: '当前',
    lastAnswer: '上次回答',
    memory: '上下文与内存',
    engine: '模型与引擎',
    noModel: '没有加载模型。',
    measuring: '正在测量',
    overLastSecond: 'tok/s，最近一秒',
    traceLabel: '每秒 token 数，最近 30 秒',
    ago: '30 秒前',
    latest: '最新',
    asTable: '以表格查看',
    secondsAgo: '几秒前',
    tokensPerSecond: '每秒 token 数',
    contextOf: (used, total) => `${used} / ${total} token`,
    model: '模型',
    runtime: '运行库',
    target: '准备形式',
    compiler: (target, version) => `${target}，编译器版本 ${version}`,
    tokenizer: '分词器',
    pageVersion: '页面',
    singleThread: '本页面没有跨源隔离，浏览器只允许它用一个线程。可以使用，但较慢。',
    loadPhases: {
      runtime: '启动运行库',
      weights: '读取权重',
      tokenizer: '建立分词器',
      shaders: '为 GPU 编译',
      'self-test': '核对数值',
      'warm-up': '首次运行',
    },
  },

  kernelFacts: {
    builds: {
      relaxed: '自有内核，宽松 SIMD',
      plain: '自有内核，标准 SIMD',
    },
    form: '激活值',
    forms: { words: '整字', halves: '半字' },
    inForms: (decode, prompt) =>
      decode === prompt ? `14 位，${decode}` : `14 位，${decode}；提示用${prompt}`,
    memory: {
      name: '引擎内存',
      definition: '所有线程共用的内存：8 位的权重，16 位的整个上下文的键和值，以及工作空间。',
    },
    selfTest: {
      name: '自检',
      definition:
        '取几个 token、算几层，内核得出的对数概率与同一文件上普通算法的结果最多相差多少。超过限度就不使用这个引擎。',
    },
  },

  engineFacts: {
    runsOn: '运行于',
    build: '运行库版本',
    builds: { jspi: 'WebGPU，JSPI', asyncify: 'WebGPU，Asyncify' },
    adapter: '显卡',
    unnamed: '浏览器没有说明',
    bits: '各类权重',
    kinds: {
      qkv: '注意力输入',
      output: '注意力输出',
      gate_up: '前馈输入',
      down: '前馈输出',
      head: '输出层',
      embedding: '词嵌入',
    },
    stored: (bits, blockSize, size) => `${number(bits)} 位，每块 ${number(blockSize)} 个，${size}`,
    memory: {
      name: 'GPU 内存',
      definition:
        '权重、整个上下文的键和值、工作缓冲区，按它们的大小算出。运行中临时占用的不计在内；浏览器不会说明 GPU 实际分配了多少。',
    },
    weights: '权重',
    cache: (buffers) => `缓存，${buffers} 个缓冲区`,
    other: '工作缓冲区',
    replay: '解码方式',
    replays: '回放录好的命令',
    records: '每次重新写命令',
    shaders: {
      name: '已编译的着色器',
      definition: '加载模型时编译的 GPU 程序。',
    },
    selfTest: {
      name: '自检',
      definition:
        '用固定的提示和回答，GPU 得出的对数概率与 CPU 用同样权重得出的最多相差多少。超过限度就不使用 GPU。',
    },
    ofLimit: (error, limit) => `${error} nat，限度 ${limit} nat`,
    sameTokens: (same, all) => `${all} 个 token 中 ${same} 个相同`,
    features: '显卡支持的特性',
    usedFeatures: '使用的特性',
    none: '无',
    limits: '显卡的限制',
  },

  language: {
    title: '语言',
    automatic: (name) => `自动：${name}`,
    hint: '整个页面立即切换。“自动”跟随浏览器。',
    failed: '没有取到这种语言的文字，语言没有更改。请检查网络连接。',
  },

  settings: {
    intro: '这些设置属于当前对话，从下一次回答起生效，并随对话保存。新对话沿用最近一次的设置。',
    systemPrompt: '系统提示词',
    systemPromptHint: '对话开始前告诉模型的话。留空则什么也不说。',
    stopStrings: '停止字符串',
    stopStringsHint: '每行一个。回答在第一个停止字符串之前结束。\\n 表示换行。',
    numbers: {
      temperature: { name: '温度', hint: '0 总是选最可能的 token；越高变化越多。' },
      topK: { name: 'Top-k', hint: '只保留最可能的 k 个 token；0 表示全部保留。' },
      topP: { name: 'Top-p', hint: '只保留概率之和达到 p 的最少几个 token；1 表示全部保留。' },
      minP: {
        name: 'Min-p',
        hint: '去掉概率低于最可能 token 的这个比例的 token；0 表示全部保留。',
      },
      repetitionPenalty: {
        name: '重复惩罚',
        hint: '大于 1 时，出现过的 token 更不容易再出现；1 表示不改变。',
      },
      seed: { name: '种子', hint: '留空则每次不同，并在回答下面显示。' },
      maxNewTokens: { name: '最长回答（token）', hint: '回答到此为止。' },
      contextTokens: {
        name: '上下文（token）',
        hint: '提示和回答共用。越大越占内存；更改后要重新加载模型。',
      },
    },
    outOfRange: (least, most) => `请输入 ${least} 到 ${most} 之间的数。`,
    wholeOutOfRange: (least, most) => `请输入 ${least} 到 ${most} 之间的整数。`,
    sampling: '选词方式',
    limits: '上限',
    reload: '重新加载模型',
    reloadNeeded: (loaded) => `模型目前按 ${loaded} 个 token 的上下文加载。`,
    reset: '恢复适合此模型的设置',
  },

  engines: {
    title: '引擎',
    names: {
      'webgpu-f16': 'GPU，16 位',
      'webgpu-f16-fp32': 'GPU，16 位，32 位累加',
      'webgpu-f32': 'GPU，32 位',
      'simd-int8': 'CPU',
      'wasm-int8': 'CPU，ONNX Runtime',
    },
    hints: {
      'webgpu-f16': '最快，适合能做 16 位计算的 GPU。',
      'webgpu-f16-fp32': '稍慢，适合 16 位累加不够精确的 GPU。',
      'webgpu-f32': '适合任何支持 WebGPU 的 GPU。上下文占用的内存加倍。',
      'simd-int8': '本项目自己的内核，任何处理器都能用，直接读取模型文件。',
      'wasm-int8': '较慢，更占内存，任何设备都能用。',
    },
    automatic: '自动',
    automaticHint: '选用在本机上数值正确且最快的方式；一种失败，就换下一种。',
    intro: '模型在哪里运行，从下次加载起生效。',
    runsNow: '模型现在就在这里运行。',
    obstacles: {
      'no-webgpu': '这个浏览器不支持 WebGPU。',
      'no-adapter': '浏览器没有给本页面提供 GPU。',
      'no-f16': '这块 GPU 不能做 16 位计算。',
      software: '这里的 GPU 是由 CPU 上的程序模拟的，直接用 CPU 更快。',
      small: '向导很小，用 CPU 回答更快。',
    },
    failed: (day, reason) => `自${day}起停用：${reason}。`,
    tryAllAgain: '全部重试',
    loadedElsewhere: (place) => `模型目前加载在 ${place} 上。`,
  },

  privacy: {
    limitsTitle: '本页面看不到的',
    limits: [
      '浏览器扩展：它们可以读取并发送任何页面的内容，而且不会出现在页面的任何清单里。',
      '浏览器本身、系统和输入法：拼写检查、翻译和同步各有自己的通道。',
      'WebSocket 和浏览器之间的直接连接不会出现在这些清单里；前者被安全策略禁止，后者本页面不会打开。',
      '提供本页面的人，下次可以换成另一个页面。保存在本机的文件会与哈希比对；更换新版本会先问你。',
    ],
    paragraphs: [
      '模型就在本页面里、用这台设备的处理器运行。你的问题、打开的文件和得到的回答都留在这里：没有可以接收它们的服务器。',
      '经过网络的只有两样：页面本身，以及你按“获取”时下载的模型。下载完成后，两者都可离线使用。',
    ],
  },

  offline: {
    title: '没有网络时',
    checking: '正在检查本机上的文件',
    ready: (count, size) =>
      `页面的 ${number(count)} 个文件（${size}）都在本机，刚刚逐一与 SHA-256 比对过。`,
    model: (title, size) => spaced`${title} 及其运行形式也在本机：${size}。`,
    notReady: '还不能离线使用',
    lacks: {
      'no-service-worker':
        '这个浏览器没有保存页面：可能是无痕窗口、地址不是 https，或证书不受信任。模型仍会保留。',
      'not-serving': '页面已保存，重新加载一次后就可离线使用。',
      files: (count) => `页面有 ${number(count)} 个文件缺失，或与构建时不同。`,
      'no-model': '没有加载模型。',
      model: (title) => spaced`${title} 在本机上不完整。`,
    },
    again: '重新检查',
    files: '文件清单',
    states: { kept: '与构建时相同', missing: '缺失', damaged: '与构建时不同，已重新获取' },
    install: '安装为应用',
    installHint: '有自己的图标和窗口；页面相同，规则相同。',
  },

  ledger: {
    title: '打开页面以来的请求',
    total: (requests, size) => `共 ${number(requests)} 个请求，经网络传输 ${size}。`,
    elsewhere: (count) => `其中 ${number(count)} 个发往本站以外的服务器。`,
    nowhere: '没有一个发往本站以外的服务器。',
    each: '逐个地址',
    makers: {
      page: '页面',
      inference: '模型线程',
      store: '存储线程',
      download: '下载线程',
      'service-worker': 'Service worker（所有标签页共用）',
    },
    purposes: {
      page: '页面本身',
      look: '外观',
      script: '脚本',
      worker: '工作线程的脚本',
      runtime: '运行模型的程序',
      guide: '向导，页面自带的模型',
      offline: '为离线使用保存页面',
      'host-policy': '本站对提问和回答是否有规定',
      'model-list': '查看本站提供哪些模型',
      model: '你要的模型',
      drill: '外发测试（见上），不计入',
      unknown: '不是本页面自己会做的事',
    },
    answers: {
      network: '网络',
      'service-worker': 'service worker',
      'browser-cache': '浏览器缓存',
      untold: '浏览器没有说明',
    },
    times: (count) => `${number(count)} 次`,
    hint: '数据来自浏览器自己的清单，包括页面和每个工作线程；下载线程自己统计字节数。由 service worker 从本机给出的不计字节。工作线程的子线程自己不报告：它们只加载自己的脚本，这已列在工作线程的清单里。',
  },

  policy: {
    title: '生效的安全策略',
    hint: '刚刚重新查询，以浏览器收到的为准。凡是它没有允许的，浏览器一律拒绝。',
    reading: '正在读取',
    none: '无',
    bound: {
      page: '页面',
      inference: '模型线程',
      store: '存储线程',
      download: '下载线程，只有它可以访问模型网站',
    },
    sources: { header: '由响应头设置', element: '由页面中的元素设置' },
  },

  drill: {
    title: '试一试',
    hint: '尝试把“canary”这个词发往 canary.invalid（一个不属于任何人的域名）：从页面发，也从读取你问题的工作线程发。',
    run: '尝试外发',
    running: '正在尝试',
    allRefused: '每次尝试都被浏览器按安全策略拒绝。',
    notRefused: '有的尝试没有被安全策略拒绝。在这个网址上，页面不能保证内容不外传。',
    ways: {
      fetch: 'fetch',
      websocket: 'WebSocket',
      script: '其他网站的脚本',
      beacon: 'sendBeacon',
      image: '图片',
    },
    outcomes: {
      refused: (directive) => `被 ${directive} 拒绝`,
      failed: '未被拒绝，途中失败',
      sent: '未被拒绝，已发出',
    },
  },

  receipts: {
    save: '保存凭据',
    hint: '以上全部内容存为文件，附时间和版本。里面没有你的问题，也没有回答。',
    fileName: (date) => `offgrid-凭据-${date.slice(0, 10)}.json`,
  },

  benchmark: {
    intro:
      '测量当前模型在本设备上读取提示和写出回答的速度。过程与平时提问相同，计时和定义与回答下方的统计一致。',
    extents: { quick: '快速', full: '完整' },
    extentTitle: '测量范围',
    extentHints: {
      quick: '128 token 的提示和 64 token 的回答。慢的手机上约一分钟。',
      full: '128、512 和 2,048 token 的提示，64 和 256 token 的回答。需要几分钟。',
    },
    rounds: '轮数',
    roundsHint: (most) => `1 到 ${most}。快速测量过半分钟后不再开始新的一轮。`,
    drift: '发热：再连续解码三分钟',
    driftHint: '看设备变热后速度下降多少。',
    start: '开始',
    stop: '停止',
    stopping: '正在停止',
    needsModel: '没有可用的模型。请先在“模型”里选一个。',
    needsRest: '正在写回答。请先停止，或等它写完。',
    leftOut: (lengths, context) => `模型的上下文只有 ${context} token，以下长度不测：${lengths}。`,
    loading: '重新加载模型',
    round: (round, of) => `第 ${number(round)} 轮，共 ${number(of)} 轮`,
    heating: (elapsed, all) => `连续解码：${elapsed} / ${all}`,
    progress: '测量进度',
    keepOpen: '请让本页面保持打开并可见。关闭此面板会停止测量，已测得的结果会保留。',
    failed: '测量提前结束。',
    none: '本设备还没有测量过。',
    kinds: { prefill: '预填充', decode: '解码' },
    heats: { cold: '冷', warm: '热' },
    length: (kind, tokens) => `${kind} ${tokens}`,
    here: '本设备',
    other: '另一台',
    result: '结果',
    rate: '每秒 token 数：中位数，下面是四分位数。',
    measurement: '项目',
    ratio: '本机 ÷ 另一台',
    quartiles: (low, high, samples) =>
      low === high && samples === 1 ? '一次' : `${low}–${high}，${number(samples)} 次`,
    hidden: '测量时页面曾不可见，浏览器会让这样的页面变慢。请重新测量。',
    otherHint: '以链接或文件所写为准，无人担保。',
    otherModel: '两台设备运行的模型不同，比较时请留意。',
    load: '加载',
    driftTitle: '发热',
    driftKept: (share, minutes) => `${minutes}后，解码速度为最初十秒的 ${share}。`,
    driftLabel: '解码速度随时间的变化',
    seconds: '秒',
    facts: '设备与版本',
    names: {
      date: '测量日期',
      model: '模型',
      file: '文件',
      sha256: 'SHA-256',
      bits: '文件中每个权重的位数',
      size: '大小',
      rung: '运行于',
      threads: '线程',
      context: '上下文',
      browser: '浏览器',
      cores: '处理器核心',
      memory: '内存（浏览器取整）',
      gpu: 'GPU',
      runtime: 'ONNX Runtime Web',
      compiler: '模型编译器',
      page: '页面',
    },
    share: '保存与分享',
    saveJson: '存为 JSON',
    savePicture: '存为图片',
    copyLink: '复制链接',
    copied: '已复制',
    link: '本结果的链接',
    linkHint:
      '结果写在链接的 # 之后，浏览器不会把这部分发给任何服务器。打开链接的人会看到它与自己的结果并列。',
    openFile: '打开一个结果来比较',
    putAway: '收起另一台的结果',
    unreadable: '这里没有本页面能读取的测量结果。请使用在这里生成的链接或文件。',
    pictureHint: '每秒 token 数：条形止于中位数，方框为四分位数。',
    pictureTitle: (title) => `Offgrid 性能测试：${title}`,
    fileName: (date, kind) => `offgrid-性能测试-${date.slice(0, 10)}.${kind}`,
    howTitle: '究竟测量什么',
    how: [
      '预填充：提示的 token 数除以读取它们所用的运行时间。解码：回答中除第一个以外的 token 数，除以从第一个到最后一个的时间。',
      '“冷”是模型重新加载后的第一个请求，“热”是紧接着再发一次的同一请求。两者都不取用缓存，也不预先猜测 token。',
      '提示由对话模板和随机 token 组成，每次相同；回答总取最可能的 token，长度恰为所写的数。解码都跟在 128 token 的提示之后。',
      '四分位数在相邻值之间插值，与 R 和 NumPy 相同。',
    ],
  },

  writing: {
    title: '处理这段文字',
    tools: {
      summarise: '总结',
      shorter: '改短',
      friendlier: '更亲切',
      formal: '更正式',
      'to-english': '译成英文',
      'to-chinese': '译成中文',
      'explain-code': '解释代码',
    },
    edit: '修改提示词',
    editHint: (place) =>
      `这是对模型说的话。${place} 代表你的文字；没有写它时，文字接在末尾。修改保存在本设备上。`,
    reset: '恢复原文',
    resetTitle: (tool) => `${tool}：恢复原文`,
    notForGuide: '向导只了解本页面及其主题。这些工具请先在“模型”里获取 Qwen2.5。',
  },

  hostPolicy: {
    title: '本站规则',
    notice: '提供本页面的网站对这里的提问和回答有规定。',
    refused: (line, reason) =>
      `本站的 policy.json 没有生效：第 ${line} 行，${reason}。在提供者改正之前，不会扣留或标记任何内容。`,
    faults: {
      'no-json': () => '有不属于 JSON 的内容',
      levels: () => '层数过多',
      'no-name': () => '缺少带引号的名称',
      twice: (name) => `“${name}”出现了两次`,
      'no-colon': () => '缺少冒号',
      'no-comma': () => '缺少逗号',
      'no-value': () => '缺少值',
      'no-end': () => '结尾之后还有内容',
      'too-large': (most) => `文件超过 ${most} 字节`,
      version: () => '“version”必须是 1',
      'is-on': () => '“isOn”必须是 true 或 false',
      'no-language': (tag) => `“${tag}”不是语言标签`,
      'no-list': (name) => `“${name}”必须是列表`,
      patterns: (most) => `规则超过 ${most} 条`,
      stars: (most) => `一条规则里的星号超过 ${most} 个`,
      short: () => '规则少于 2 个字符',
      'no-text': () => '缺少文字',
      long: (most) => `文字超过 ${most} 个字符`,
      'no-object': () => '缺少对象',
      unknown: (name) => `不认识“${name}”`,
    },
    decisions: (count) => `${number(count)} 次判定`,
    decision: (side, action, pattern) => `${side}${action}：${pattern}`,
    sides: { prompt: '提问', reply: '回答' },
    actions: { block: '已扣留', flag: '已标记' },
    stays: '在本设备上判定。这份记录只留在本页面，关闭即消失，不会发送。',
  },
};
