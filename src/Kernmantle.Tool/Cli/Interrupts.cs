using System.Runtime.InteropServices;

namespace Kernmantle.Tool.Cli;

/// <summary>
/// Turns Ctrl-C and a request to terminate into cancellation, so that workers and temporary files go before the program does. A second one
/// ends it at once; its workers end with it, whatever it was doing.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupts() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, ExitCodes.Interrupted)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, ExitCodes.Terminated)),
    ];

    public CancellationToken Token => source.Token;

    /// <summary>128 and the signal's number; 0 while there was none.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    private void Cancel(PosixSignalContext context, int exitCode)
    {
        if (ExitCode != 0)
            return;   // the second one: the default action
        context.Cancel = true;
        ExitCode = exitCode;
        source.Cancel();
    }
}
