namespace Kernmantle.Functions;

internal static class Disposal
{
    /// <summary>Disposes of an object the best way it offers, if it offers one.</summary>
    public static async ValueTask DisposeAsync(object instance)
    {
        if (instance is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        else
            (instance as IDisposable)?.Dispose();
    }
}
