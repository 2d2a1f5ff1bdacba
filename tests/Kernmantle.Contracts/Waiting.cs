namespace Kernmantle.Contracts;

/// <summary>Waits until something is so, by looking every few milliseconds, with a deadline that only a fault lets pass.</summary>
public static class Waiting
{
    /// <param name="condition">What is waited for.</param>
    /// <param name="what">It in words, for the failure.</param>
    /// <param name="bound">The deadline.</param>
    public static Task Until(Func<bool> condition, string what, TimeSpan bound) => Until(() => Task.FromResult(condition()), what, bound);

    /// <inheritdoc cref="Until(Func{bool}, string, TimeSpan)"/>
    public static async Task Until(Func<Task<bool>> condition, string what, TimeSpan bound)
    {
        using var deadline = new CancellationTokenSource(bound);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await condition().ConfigureAwait(false))
        {
            if (deadline.IsCancellationRequested)
                Assert.Fail($"Not within {bound}: {what}");
            await tick.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
