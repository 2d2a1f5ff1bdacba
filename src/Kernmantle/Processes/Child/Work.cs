namespace Kernmantle.Processes.Child;

/// <summary>What the reader thread has for the main thread.</summary>
internal abstract record Work
{
    private Work()
    {
    }

    /// <summary>The first frame's body.</summary>
    public sealed record Greet(byte[] Hello) : Work;

    public sealed record Run(IncomingCall Call) : Work;

    public sealed record Stop : Work;

    /// <summary>There is no host any more.</summary>
    public sealed record Abandon(int ExitCode) : Work;
}
