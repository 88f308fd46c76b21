import type { ReadonlySignal } from '@preact/signals';
import type { RepositoryFile } from '../../contract/download.ts';
import type { AppError } from '../../contract/errors.ts';
import { formatBytes } from '../format.ts';
import { shelf as words } from '../later-words.ts';
import { models } from '../words.ts';
import { Icon } from '../parts/Icon.tsx';
import { failureText } from '../failure-text.ts';
import './repository-files.css';

/** A repository that the person named without a file, as far as it is known. */
export type Repository =
  | { readonly type: 'none' }
  | { readonly type: 'looking'; readonly repo: string }
  | { readonly type: 'failed'; readonly error: AppError }
  | { readonly type: 'listed'; readonly repo: string; readonly files: readonly RepositoryFile[] };

interface RepositoryFilesProps {
  readonly repository: ReadonlySignal<Repository>;
  readonly isBusy: boolean;
  readonly onChoose: (repo: string, file: RepositoryFile) => void;
}

/** Its models, one of which can be fetched. */
export function RepositoryFiles({ repository, isBusy, onChoose }: RepositoryFilesProps) {
  const { value } = repository;
  if (value.type === 'none') return null;
  if (value.type === 'failed') {
    return (
      <p class="repository-files__wrong" role="alert">
        {failureText(value.error)}
      </p>
    );
  }
  if (value.type === 'looking') return <p role="status">{words.repositoryLooking(value.repo)}</p>;
  const { repo, files } = value;
  if (files.length === 0) {
    return (
      <p class="repository-files__wrong" role="alert">
        {words.repositoryEmpty(repo)}
      </p>
    );
  }
  return (
    <section class="repository-files" aria-label={words.repositoryTitle(repo)}>
      <p role="status">{words.repositoryCount(files.length, repo)}</p>
      <ul class="repository-files__list">
        {files.map((file) => (
          <li class="repository-files__file" key={file.path}>
            <span class="repository-files__name">{file.path}</span>
            <span class="repository-files__size">{formatBytes(file.totalBytes)}</span>
            <button
              class="button"
              type="button"
              aria-label={words.repositoryGet(file.path)}
              disabled={isBusy}
              onClick={() => onChoose(repo, file)}
            >
              <Icon name="download" />
              {models.get}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
