namespace Kernmantle.Tool.Cli;

/// <summary>What <c>kern</c> exits with. <c>kern run</c> adds one code per reason a worker ended.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command did its work, but a part of it failed: an experiment could not be run, a place failed.</summary>
    public const int Incomplete = 1;

    /// <summary>The command line, or what it names, is wrong. Nothing was done.</summary>
    public const int WrongUse = 2;

    /// <summary>A mistake in <c>kern</c> itself.</summary>
    public const int Unexpected = 70;

    /// <summary>What a shell expects of a program ended by SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>What a shell expects of a program ended by SIGTERM.</summary>
    public const int Terminated = 143;
}
