namespace Kernmantle.Scheduling.Maps;

/// <summary>Inputs that are there already. Who pulls them takes them one by one; who takes many at once looks at the <see cref="Source"/> itself.</summary>
internal sealed class ListedInputs<T>(IEnumerable<T> source) : IAsyncEnumerable<T>
{
    public IEnumerable<T> Source => source;

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (T input in source)
            yield return input;
    }
}

/// <summary>Inputs that lie one after the other, and stay as they are.</summary>
internal sealed class MemoryInputs<T>(ReadOnlyMemory<T> memory) : IAsyncEnumerable<T>
{
    public ReadOnlyMemory<T> Memory => memory;

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        for (int i = 0; i < memory.Length; i++)
            yield return memory.Span[i];
    }
}
