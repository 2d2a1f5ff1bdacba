using Kernmantle;

namespace UnitTests;

/// <summary>The code under test: reads documents in the workers of a pool, since some of them bring their reader down.</summary>
public sealed class Catalogue(WorkerPool pool)
{
    public async Task<string> TitleAsync(string document)
    {
        try
        {
            return await pool.RunAsync(Reader.Title, document);
        }
        catch (WorkerCrashedException crash)
        {
            return $"set aside ({crash.Reason}, signal {crash.Signal})";
        }
        catch (CallTimeoutException late)
        {
            return $"took longer than {late.Timeout.TotalSeconds} s";
        }
        catch (RemoteException e) when (e.TypeName == "System.FormatException")
        {
            return "no document";
        }
    }

    /// <summary>All titles that could be read.</summary>
    public async Task<List<string>> TitlesAsync(IEnumerable<string> documents)
    {
        List<string> titles = [];
        await foreach (MapResult<string, string> item in pool.MapAsync(Reader.Title, documents))
        {
            if (item.IsSuccess)
                titles.Add(item.Value);
        }
        return titles;
    }
}

public static class Reader
{
    public static string Title(string document) => document.Split('\n')[0].TrimStart('#', ' ');
}
