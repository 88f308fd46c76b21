export { Qwen2Tokenizer, env } from '@huggingface/transformers';
