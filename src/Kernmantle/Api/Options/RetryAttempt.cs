namespace Kernmantle;

/// <summary>An attempt that has failed, and that <see cref="RetryPolicy.On"/> names: what a <see cref="RetryPolicy"/> is asked about.</summary>
public sealed class RetryAttempt
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public RetryAttempt(string callName, int attempt, Exception failure, TimeSpan pause) =>
        (CallName, Attempt, Failure, Pause) = (callName, attempt, failure, pause);

    /// <summary>The call's name.</summary>
    public string CallName { get; }

    /// <summary>Which attempt it was, from 1.</summary>
    public int Attempt { get; }

    /// <summary>How it failed.</summary>
    public Exception Failure { get; }

    /// <summary>How long the policy waits before the next attempt, if <see cref="RetryPolicy.PauseGenerator"/> does not say otherwise.</summary>
    public TimeSpan Pause { get; }
}
