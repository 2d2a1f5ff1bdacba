namespace Kernmantle.Tests.GlobalLocks;

/// <summary>Threads for tests of locks, and waiting for states.</summary>
internal static class OnThread
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Runs on a thread of its own.</summary>
    public static Task Start(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(Deadline);

    public static Task Until(Func<bool> condition, string what) => Contracts.Waiting.Until(condition, what, Deadline);

    /// <summary>For a thread that must stay itself.</summary>
    public static void BlockUntil(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Deadline), $"Not within {Deadline}: {what}");
}
