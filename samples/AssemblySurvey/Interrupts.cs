using System.Runtime.InteropServices;

namespace AssemblySurvey;

/// <summary>Turns Ctrl-C and a request to terminate into cancellation, so that workers and temporary files go before the program does.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupts() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, 130)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, 143)),
    ];

    public CancellationToken Token => source.Token;

    /// <summary>What a shell expects of a program ended by that signal: 128 and the signal's number.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    private void Cancel(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        ExitCode = exitCode;
        source.Cancel();
    }
}
