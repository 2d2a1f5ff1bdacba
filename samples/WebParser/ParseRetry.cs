using Kernmantle;

namespace WebParser;

/// <summary>
/// Parsing a file has no effects, so it may be done again when somebody killed the worker (an operator, the system for want of memory). A file that crashes the parser
/// would do so again.
/// </summary>
internal static class ParseRetry
{
    private const int Kill = 9;

    public static readonly RetryPolicy Policy = new()
    {
        On = FailureKinds.Crash,
        MaxAttempts = 5,
        Backoff = TimeSpan.Zero,
        ShouldRetry = static attempt => attempt.Failure is WorkerCrashedException { Signal: Kill },
    };
}
