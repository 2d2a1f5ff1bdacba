namespace Kernmantle.Dashboard.Tests;

/// <summary>Calls that are held, and waiting for what is to come.</summary>
internal static class Waiting
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    public static Task Until(Func<Task<bool>> condition, string what) => Contracts.Waiting.Until(condition, what, Deadline);

    /// <summary>Runs until there is that file, or until it is cancelled.</summary>
    public static async Task<int> HoldAsync(string gate, CancellationToken token)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(gate))
            await tick.WaitForNextTickAsync(token);
        return Environment.ProcessId;
    }
}
