using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0010: the fields and properties that the function reads are copied into local variables, and it captures these instead of its object.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class LocalCopyFix() : Fix("Copy what the function reads into local variables", "KM0010")
{
    private protected override bool CanFix(Problem problem) =>
        Lambda(problem) is { } lambda && Statement(lambda) is not null && Reads(problem, lambda) is { Length: > 0 };

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        AnonymousFunctionExpressionSyntax lambda = Lambda(problem)!;
        StatementSyntax statement = Statement(lambda)!;
        (ExpressionSyntax Read, string Member)[] reads = Reads(problem, lambda)!;
        SyntaxTriviaList indentation = [.. statement.GetLeadingTrivia().Reverse().TakeWhile(static t => t.IsKind(SyntaxKind.WhitespaceTrivia))];
        Dictionary<string, string> names = reads.Select(static r => r.Member).Distinct().ToDictionary(static m => m, m => NameFor(problem, statement, m));
        IEnumerable<StatementSyntax> copies = names.Select((copy, i) => SyntaxFactory.ParseStatement($"var {copy.Value} = this.{copy.Key};")
            .WithLeadingTrivia(i == 0 ? statement.GetLeadingTrivia() : indentation)
            .WithTrailingTrivia(SyntaxFactory.ElasticLineFeed));
        StatementSyntax changed = statement
            .ReplaceNodes(reads.Select(static r => r.Read), (original, _) => SyntaxFactory.IdentifierName(names[reads.First(r => r.Read == original).Member]).WithTriviaFrom(original))
            .WithLeadingTrivia(indentation);
        var block = (BlockSyntax)statement.Parent!;
        int index = block.Statements.IndexOf(statement);
        return problem.ReplaceAsync(block, block.WithStatements(block.Statements.RemoveAt(index).InsertRange(index, copies.Append(changed))));
    }

    /// <summary>The one that the worker is given: others may stand around it, or in it.</summary>
    private static AnonymousFunctionExpressionSyntax? Lambda(Problem problem) => KernmantleTypes.Of(problem.Model.Compilation) is not { } types ? null : problem.Node.Ancestors()
        .OfType<AnonymousFunctionExpressionSyntax>()
        .FirstOrDefault(l => l.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { } call && problem.Model.GetOperation(call) is IInvocationOperation operation && types.CallOf(operation)?.Function.Lambda?.Syntax == l);

    /// <summary>Where the call is made; not beyond a function around it, which would make the copies at another time.</summary>
    private static StatementSyntax? Statement(SyntaxNode lambda) =>
        lambda.Ancestors().TakeWhile(static n => n is not AnonymousFunctionExpressionSyntax).OfType<StatementSyntax>().FirstOrDefault(static s => s.Parent is BlockSyntax);

    /// <summary>What the lambda reads of its object; null where it does something else with it.</summary>
    private static (ExpressionSyntax Read, string Member)[]? Reads(Problem problem, SyntaxNode lambda)
    {
        List<(ExpressionSyntax, string)> reads = [];
        foreach (IInstanceReferenceOperation use in problem.Model.GetOperation(lambda)?.Descendants().OfType<IInstanceReferenceOperation>() ?? [])
        {
            if (use.ReferenceKind != InstanceReferenceKind.ContainingTypeInstance)
                continue;
            if (use.Parent is not (IFieldReferenceOperation or IPropertyReferenceOperation { Property.IsIndexer: false }) || use.Parent is not IMemberReferenceOperation { Syntax: ExpressionSyntax read, Parent: not IAssignmentOperation } member)
                return null;
            reads.Add((read, member.Member.Name));
        }
        return [.. reads];
    }

    /// <summary>The member's, unless a variable has it.</summary>
    private static string NameFor(Problem problem, StatementSyntax statement, string member)
    {
        string name = member.TrimStart('_');
        name = char.ToLowerInvariant(name[0]) + name.Substring(1);
        bool IsTaken(string candidate) => SyntaxFacts.GetKeywordKind(candidate) != SyntaxKind.None
            || problem.Model.LookupSymbols(statement.SpanStart, name: candidate).Any(static s => s is ILocalSymbol or IParameterSymbol)
            || statement.Parent!.DescendantNodes().Any(n => n is VariableDeclaratorSyntax v && v.Identifier.ValueText == candidate || n is ParameterSyntax p && p.Identifier.ValueText == candidate);
        string free = name;
        for (int i = 2; IsTaken(free); i++)
            free = $"{name}{i}";
        return free;
    }
}
