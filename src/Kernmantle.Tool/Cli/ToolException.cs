namespace Kernmantle.Tool.Cli;

/// <summary>Something the user can mend: one line that names the cause, and what to do about it.</summary>
internal sealed class ToolException(string cause, string remedy, int exitCode = ExitCodes.WrongUse, Exception? inner = null)
    : Exception($"{cause} {remedy}".TrimEnd(), inner)
{
    public int ExitCode => exitCode;
}
