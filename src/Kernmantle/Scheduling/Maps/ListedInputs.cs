namespace Kernmantle.Scheduling.Maps;

/// <summary>Inputs that are all there, for whoever takes them one by one; who takes many at once looks at the <see cref="Source"/> itself.</summary>
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
