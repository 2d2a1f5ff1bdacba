namespace Kernmantle.Tool.Cli;

/// <summary>What <c>kern</c> exits with. <c>kern run</c> adds one code per reason a worker ended.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command did its work, but a part of it failed: an experiment failed, a place failed.</summary>
    public const int Incomplete = 1;

    /// <summary>The command line, or what it names, is wrong. Nothing was done.</summary>
    public const int WrongUse = 2;

    /// <summary><c>kern run</c>: an exception, or an exit code other than 0.</summary>
    public const int RunFailed = 1;

    public const int RunMemoryLimit = 3;
    public const int RunCpuLimit = 4;

    /// <summary><c>kern run</c>: a signal, or an end of the process that was not the function's.</summary>
    public const int RunCrashed = 5;

    public const int RunKilled = 6;

    /// <summary><c>kern run</c>: gone, and the system did not say how.</summary>
    public const int RunLost = 7;

    public const int RunProcessCountLimit = 8;
    public const int RunOpenFilesLimit = 9;
    public const int RunOutputLimit = 10;

    /// <summary>As <c>timeout</c> of the GNU core utilities.</summary>
    public const int RunTimedOut = 124;

    /// <summary>A mistake in <c>kern</c> itself.</summary>
    public const int Unexpected = 70;

    /// <summary>What a shell expects of a program ended by SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>What a shell expects of a program ended by SIGTERM.</summary>
    public const int Terminated = 143;
}
