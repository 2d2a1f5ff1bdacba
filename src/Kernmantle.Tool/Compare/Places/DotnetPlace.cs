using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>One place for a .NET method: a <see cref="PlaceHost"/> in a process of its own.</summary>
/// <param name="timeout">How long a round may take.</param>
internal sealed class DotnetPlace(PlaceOrder order, TimeSpan timeout, ILoggerFactory? loggers) : IPlace
{
    // What is left when a place is disposed of was abandoned: nothing waits for it.
    private readonly WorkerPool pool = WorkerPool.Processes(1, new() { Name = order.Place.Name(), LoggerFactory = loggers, DrainTimeout = TimeSpan.Zero });
    private readonly Scratch? scratch = order.Place == Place.Processes ? new() : null;
    private Remote<PlaceHost>? host;

    public Place Place => order.Place;

    public string Name => order.Place.Name();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            host = await pool.CreateAsync(static order => PlaceHost.CreateAsync(order), order with { GateAddress = scratch?.Path("gate") }, cancellationToken: cancellationToken);
        }
        catch (RemoteException e) when (e.TypeName == typeof(ToolException).FullName)
        {
            throw new ToolException(e.Message, "", inner: e);
        }
        catch (Exception e) when (PlaceLostException.IsLoss(e))
        {
            throw new PlaceLostException(PlaceEnd.EndsProgram, Messages.Of(e));
        }
    }

    public async Task<RoundAnswer> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await host!.With(new() { Timeout = timeout }).CallAsync(static host => host.RoundAsync(), cancellationToken);
        }
        catch (CallTimeoutException)
        {
            throw new PlaceLostException(PlaceEnd.NeverEnds, $"a round was not over after {Units.Format(timeout.TotalSeconds, Unit.Seconds)} (--timeout)");
        }
        catch (WorkerException e)
        {
            // Also what failed in the host beside the calls, which are caught there: the other places go on.
            throw new PlaceLostException(PlaceEnd.EndsProgram, Messages.Of(e is StateLostException { InnerException: { } cause } ? cause : e));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
            await host.DisposeAsync();
        await pool.DisposeAsync();
        scratch?.Dispose();
    }
}
